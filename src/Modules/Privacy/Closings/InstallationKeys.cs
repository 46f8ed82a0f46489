using System.Security.Cryptography;
using Tenet.Kernel.Vault;
using Tenet.Kernel.Workspaces;

namespace Tenet.Privacy.Closings;

/// <summary>The key that signs for the installation what outlives a workspace: ECDSA P-256, under the root key.</summary>
internal sealed class InstallationKeys(SystemScope system, InstallationVault vault)
{
    /// <summary>Made at its first use. The caller disposes of it.</summary>
    public async Task<ECDsa> OpenAsync(CancellationToken ct)
    {
        var row = await system.RunAsync(async s => await FindAsync(s, ct) ?? await BeginAsync(s, ct), ct);
        var key = ECDsa.Create();
        key.ImportPkcs8PrivateKey(Convert.FromBase64String(vault.Open(Place(row.Id), row.PrivateKey)), out _);
        return key;
    }

    /// <summary>What certificates of workspaces are compared with, in PEM; null before the first one.</summary>
    public async Task<string?> PublicAsync(CancellationToken ct) =>
        await system.RunAsync(s => FindAsync(s, ct), ct) is { } row
            ? new string(PemEncoding.Write("PUBLIC KEY", row.PublicKey)) + "\n"
            : null;

    private async Task<InstallationKey> BeginAsync(SystemContext s, CancellationToken ct)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var id = Guid.CreateVersion7(s.Now);
        var secret = vault.Seal(Place(id), Convert.ToBase64String(key.ExportPkcs8PrivateKey()));
        await s.ExecuteAsync(
            $"""
            insert into privacy.installation_key (id, private_key, public_key, created_at)
            values ({id}, {secret}, {key.ExportSubjectPublicKeyInfo()}, {s.Now}) on conflict (single) do nothing
            """,
            ct
        );
        return (await FindAsync(s, ct))!;
    }

    private static Task<InstallationKey?> FindAsync(SystemContext s, CancellationToken ct) =>
        s.FirstOrDefaultAsync(
            $"select id, private_key, public_key, created_at from privacy.installation_key",
            row => new InstallationKey
            {
                Id = row.GetGuid(0),
                PrivateKey = row.GetFieldValue<byte[]>(1),
                PublicKey = row.GetFieldValue<byte[]>(2),
                CreatedAt = row.GetFieldValue<DateTimeOffset>(3),
            },
            ct
        );

    private static SealedPlace Place(Guid id) => new("privacy.installation_key", "private_key", id);
}
