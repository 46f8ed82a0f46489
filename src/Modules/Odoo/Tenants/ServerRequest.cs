using Microsoft.AspNetCore.Http;
using Tenet.Kernel.Workspaces;
using Tenet.Odoo.Tokens;

namespace Tenet.Odoo.Tenants;

/// <summary>A signed request of an addon: its signature is proved before its body is believed.</summary>
internal sealed class ServerRequest(TenantBook tenants, WorkspaceScope door, TimeProvider time)
{
    public const int MaxBody = 16 * 1024;

    /// <summary>Whether a request that registers is signed with the very key it brings.</summary>
    public bool IsSelfSigned(HttpRequest request, byte[] body, byte[] publicKey)
    {
        using var key = EcKey.Public(publicKey);
        return SignedRequest.Read(request.Headers[SignedRequest.Header]) is { Kid: "new" } signed
            && signed.IsFresh(time.GetUtcNow())
            && key.VerifyData(TextOf(request, "-", signed, body), signed.Signature, System.Security.Cryptography.HashAlgorithmName.SHA256);
    }

    /// <returns>The tenant that signed, which may be disconnected; null when nobody did, too early, too late, or for the second time.</returns>
    public async Task<ConnectedTenant?> VerifyAsync(HttpRequest request, byte[] body, CancellationToken ct)
    {
        if (
            SignedRequest.Read(request.Headers[SignedRequest.Header]) is not { } signed
            || !signed.IsFresh(time.GetUtcNow())
            || !Guid.TryParseExact(signed.Kid, "D", out var kid)
            || !Guid.TryParseExact(request.Headers["Tenet-Tenant"].ToString(), "D", out var workspace)
            || await tenants.FindAsync(workspace, kid, ct) is not { } tenant
            || !tenant.AddonKey.Verify(TextOf(request, workspace.ToString("D"), signed, body), signed.Signature)
        )
        {
            return null;
        }
        return await UsedTokens.TakeAsync(door, workspace, signed.Once, time.GetUtcNow() + (2 * SignedRequest.Skew), ct) ? tenant : null;
    }

    private static byte[] TextOf(HttpRequest request, string tenant, SignedRequest signed, byte[] body) =>
        SignedRequest.Text(
            tenant,
            request.Method,
            request.Path.ToUriComponent() + request.QueryString.ToUriComponent(),
            signed.Time,
            signed.Nonce,
            body,
            null
        );
}
