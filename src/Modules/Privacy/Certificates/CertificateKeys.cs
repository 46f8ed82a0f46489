using System.Security.Cryptography;
using Tenet.Kernel.DataMaps;
using Tenet.Kernel.Vault;
using Tenet.Kernel.Workspaces;

namespace Tenet.Privacy.Certificates;

/// <summary>What signs a workspace's certificates of deletion: ECDSA P-256.</summary>
[Record("privacy.certificate_key", Purpose.Accountability, Keep = "privacy.erasures")]
internal sealed record CertificateKey
{
    [Operational]
    public required Guid Id { get; init; }

    /// <summary>PKCS 8, under the workspace's key.</summary>
    [Sealed(Category.SystemCredentials)]
    public required byte[] PrivateKey { get; init; }

    /// <summary>SubjectPublicKeyInfo.</summary>
    [Operational]
    public required byte[] PublicKey { get; init; }

    [Operational]
    public DateTimeOffset CreatedAt { get; init; }
}

internal sealed class CertificateKeys(WorkspaceVault vault)
{
    /// <summary>The workspace's key, made at its first use. The caller disposes of it.</summary>
    public async Task<ECDsa> OfAsync(WorkspaceContext ctx, CancellationToken ct)
    {
        var row = await FindAsync(ctx, ct) ?? await BeginAsync(ctx, ct);
        var key = ECDsa.Create();
        key.ImportPkcs8PrivateKey(await vault.OpenBytesAsync(ctx, Place(row.Id), row.PrivateKey, ct), out _);
        return key;
    }

    private async Task<CertificateKey> BeginAsync(WorkspaceContext ctx, CancellationToken ct)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var id = Guid.CreateVersion7(ctx.Now);
        var secret = await vault.SealAsync(ctx, Place(id), key.ExportPkcs8PrivateKey(), ct);
        await ctx.ExecuteAsync(
            $"""
            insert into privacy.certificate_key (id, private_key, public_key, created_at)
            values ({id}, {secret}, {key.ExportSubjectPublicKeyInfo()}, {ctx.Now}) on conflict (workspace_id) do nothing
            """,
            ct
        );
        return (await FindAsync(ctx, ct))!;
    }

    /// <summary>What certificates are compared with, in PEM; null before the first one.</summary>
    public static async Task<string?> PublicAsync(WorkspaceContext ctx, CancellationToken ct) =>
        await FindAsync(ctx, ct) is { } row ? new string(PemEncoding.Write("PUBLIC KEY", row.PublicKey)) + "\n" : null;

    private static Task<CertificateKey?> FindAsync(WorkspaceContext ctx, CancellationToken ct) =>
        ctx.FirstOrDefaultAsync(
            $"select id, private_key, public_key, created_at from privacy.certificate_key",
            row => new CertificateKey
            {
                Id = row.GetGuid(0),
                PrivateKey = row.GetFieldValue<byte[]>(1),
                PublicKey = row.GetFieldValue<byte[]>(2),
                CreatedAt = row.GetFieldValue<DateTimeOffset>(3),
            },
            ct
        );

    private static SealedPlace Place(Guid id) => new("privacy.certificate_key", "private_key", id);
}
