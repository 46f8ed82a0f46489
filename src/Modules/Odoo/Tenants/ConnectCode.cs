using System.Buffers.Text;
using Tenet.Kernel;
using Tenet.Kernel.Workspaces;

namespace Tenet.Odoo.Tenants;

/// <summary>
/// <c>tnt_</c>, then workspace and 16 random bytes in base64url: it names the workspace, so that registering needs no look-up across them. Good once,
/// for a quarter of an hour.
/// </summary>
internal static class ConnectCode
{
    public static readonly TimeSpan Life = TimeSpan.FromMinutes(15);
    private const string Prefix = "tnt_";
    private const int Length = 32;

    /// <summary>Makes a code, which takes the place of earlier ones.</summary>
    public static async Task<(string Code, DateTimeOffset ExpiresAt)> MakeAsync(WorkspaceContext ctx, CancellationToken ct)
    {
        var bytes = new byte[Length];
        ctx.WorkspaceId.TryWriteBytes(bytes, bigEndian: true, out _);
        Secrets.Fill(bytes.AsSpan(16));
        var code = Prefix + Base64Url.EncodeToString(bytes);
        var (id, expires) = (Guid.CreateVersion7(ctx.Now), ctx.Now + Life);
        await ctx.ExecuteAsync($"update odoo.connect_code set used_at = {ctx.Now} where used_at is null", ct);
        await ctx.ExecuteAsync(
            $"insert into odoo.connect_code (id, hash, created_at, expires_at) values ({id}, {Secrets.Hash(code)}, {ctx.Now}, {expires})",
            ct
        );
        ctx.Audit("odoo.code_made", "odoo_connect_code", id);
        return (code, expires);
    }

    /// <returns>Null when this is no code at all.</returns>
    public static Guid? WorkspaceOf(string? code)
    {
        Span<byte> bytes = stackalloc byte[Length];
        return
            code is not null
            && code.StartsWith(Prefix, StringComparison.Ordinal)
            && code.Length == Prefix.Length + Base64Url.GetEncodedLength(Length)
            && Base64Url.IsValid(code.AsSpan(Prefix.Length))
            && Base64Url.TryDecodeFromChars(code.AsSpan(Prefix.Length), bytes, out var written)
            && written == Length
            ? new Guid(bytes[..16], bigEndian: true)
            : null;
    }

    /// <summary>Uses the code up.</summary>
    public static async Task<bool> UseAsync(WorkspaceContext ctx, string code, CancellationToken ct) =>
        await ctx.ExecuteAsync(
            $"update odoo.connect_code set used_at = {ctx.Now} where hash = {Secrets.Hash(code)} and used_at is null and expires_at > {ctx.Now}",
            ct
        ) == 1;
}
