using System.Security.Cryptography;
using System.Text;
using Tenet.Kernel.Workspaces;

namespace Tenet.Kernel.Vault;

/// <summary>Seals what belongs to no workspace (letters, tokens handed out), under keys derived from the master key.</summary>
public sealed class InstallationVault(MasterKey master) : IDisposable
{
    private static readonly byte[] Check = "tenet master key check"u8.ToArray();
    private static readonly byte[] CheckPlace = new SealedPlace("kernel.installation", "key_check", Guid.Empty).Bind(Guid.Empty, 1);
    private readonly SealedBox _box = new(master.Derive("installation"), 1);
    private readonly byte[] _signing = master.Derive("tokens");

    public byte[] Seal(SealedPlace place, string text) => _box.Seal(Encoding.UTF8.GetBytes(text), place.Bind(Guid.Empty, 1));

    public string Open(SealedPlace place, byte[] value) => Encoding.UTF8.GetString(_box.Open(value, place.Bind(Guid.Empty, 1)));

    /// <summary>HMAC-SHA256 for tokens that this installation issues and reads back itself.</summary>
    public byte[] Sign(string use, ReadOnlySpan<byte> data)
    {
        using var hmac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, _signing);
        hmac.AppendData(Encoding.UTF8.GetBytes(use));
        hmac.AppendData([0]);
        hmac.AppendData(data);
        return hmac.GetHashAndReset();
    }

    /// <summary>Lets the database know the master key by a value that only this key opens; the first start records it.</summary>
    /// <exception cref="InvalidOperationException">The key is another one.</exception>
    internal async Task RecordMasterKeyAsync(SystemScope scope, CancellationToken ct) =>
        DemandSameKey(
            await scope.RunAsync(
                async system =>
                {
                    await system.ExecuteAsync(
                        $"insert into kernel.installation (id, key_check) values (1, {_box.Seal(Check, CheckPlace)}) on conflict do nothing",
                        ct
                    );
                    return (await system.ScalarAsync<byte[]>($"select key_check from kernel.installation", ct))!;
                },
                ct
            )
        );

    /// <exception cref="InvalidOperationException">The key is another one.</exception>
    internal void DemandSameKey(byte[] recorded)
    {
        try
        {
            _box.Open(recorded, CheckPlace);
        }
        catch (CryptographicException e)
        {
            throw new InvalidOperationException(
                "The master key is not the one this database was sealed with. Nothing was changed. Put the right key file back and start again.",
                e
            );
        }
    }

    public void Dispose() => _box.Dispose();
}
