using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Extensions;
using Tenet.Kernel.Vault;

namespace Tenet.Kernel.Http.Once;

/// <summary>A request that came with an <c>Idempotency-Key</c> (draft-ietf-httpapi-idempotency-key-header).</summary>
/// <param name="Id">Stands for the caller and the key: two callers may choose the same key.</param>
/// <param name="Fingerprint">Of method, address and body, under a key of ours, so that a short body cannot be guessed from it.</param>
internal sealed record KeyedRequest(Guid WorkspaceId, Guid Id, byte[] Fingerprint)
{
    public const string Header = "Idempotency-Key";
    private const int MaxKeyLength = 200;

    /// <summary>Null when no key was sent.</summary>
    /// <exception cref="RefusedException">What was sent is no key.</exception>
    public static async Task<KeyedRequest?> ReadAsync(HttpContext http, InstallationVault vault)
    {
        var header = http.Request.Headers[Header];
        if (header.Count == 0)
        {
            return null;
        }
        var key = Unquoted(header.ToString());
        if (header.Count > 1 || key.Length is 0 or > MaxKeyLength || key.Any(c => c is < '!' or > '~'))
        {
            throw new RefusedException(400, $"{Header} takes one text of 1 to {MaxKeyLength} visible characters, such as a UUID.");
        }
        var caller = http.User.Guid(TenetClaims.Key) ?? http.Caller().Actor.Id ?? Guid.Empty;
        var id = vault.Sign("idempotency key", Encoding.UTF8.GetBytes($"{caller:N} {key}"));
        return new KeyedRequest(http.Caller().WorkspaceId, new Guid(id.AsSpan(0, 16)), await FingerprintAsync(http, vault));
    }

    // The draft writes the key as a structured string, in quotes; most clients send it bare.
    private static string Unquoted(string header) => header.Length > 1 && header[0] == '"' && header[^1] == '"' ? header[1..^1] : header;

    private static async Task<byte[]> FingerprintAsync(HttpContext http, InstallationVault vault)
    {
        await http.Request.BufferAsync(http.RequestAborted);
        var content = http.Request.Body;
        // Without a body there is nothing that was buffered.
        var body = content.CanSeek ? await SHA256.HashDataAsync(content, http.RequestAborted) : [];
        if (content.CanSeek)
        {
            content.Position = 0;
        }
        var address = Encoding.UTF8.GetBytes($"{http.Request.Method} {http.Request.GetEncodedPathAndQuery()}\n");
        return vault.Sign("idempotent request", [.. address, .. body]);
    }
}
