using System.Collections.Immutable;
using Npgsql;

namespace Tenet.Kernel.Vault;

/// <summary>
/// The installation's root keys, opened by the master key. They wrap the workspaces' keys; the passwords of the database roles, the keys of
/// letters, tokens and data protection follow from them. While the master key is rotated there are two, and nodes learn of the newer one.
/// </summary>
public sealed class KeyRing(MasterKey master) : IDisposable
{
    private static readonly byte[] Check = "tenet master key check"u8.ToArray();
    private readonly SemaphoreSlim _opening = new(1);
    private volatile Opened _opened = new([], []);
    private (int Version, WrappedRoot Wrapped)? _unrecorded;

    internal MasterKey Master => master;

    internal RootKey Current =>
        _opened.Roots is [var newest, ..] ? newest : throw new InvalidOperationException("The keys are not open yet.");

    /// <summary>Newest first.</summary>
    internal IReadOnlyList<RootKey> Roots => _opened.Roots;

    /// <summary>What signed tokens and still verifies them, newest first.</summary>
    internal IReadOnlyList<byte[]> Signing => _opened.Signing;

    /// <summary>A key for one use. Another one once the master key was rotated.</summary>
    public byte[] Derive(string use) => Current.Derive(use);

    /// <exception cref="SealException">It is destroyed, or not known here.</exception>
    internal RootKey Of(int version) => _opened.Roots.FirstOrDefault(root => root.Version == version) ?? throw Missing(version);

    private SealException Missing(int version) => new(version < Current.Version ? SealFailure.KeyDestroyed : SealFailure.KeyMissing);

    /// <summary>Opens the root keys of the database; for a new one they are made, and recorded as soon as their table is there.</summary>
    /// <exception cref="MasterKeyException">The master key is another one, or the wrapped keys are missing. Nothing was changed.</exception>
    internal async Task OpenAsync(NpgsqlConnection admin, CancellationToken ct)
    {
        await _opening.WaitAsync(ct);
        try
        {
            var rows = await RootKeyRows.ReadAsync(admin, ct);
            var check = await RootKeyRows.KeyCheckAsync(admin, ct);
            if (rows is { Count: > 0 })
            {
                var opened = await OpenAsync(rows, ct);
                Demand(opened, check);
                _opened = opened;
            }
            else if (rows is not null && check is not null)
            {
                throw new MasterKeyException(
                    "This database holds sealed data, but its wrapped keys are missing. Load them from their backup: tenet keys import FILE"
                );
            }
            else
            {
                await BeginAsync(check, ct);
            }
        }
        finally
        {
            _opening.Release();
        }
    }

    /// <summary>Reads the root keys anew, after another process has rotated them.</summary>
    internal async Task ReloadAsync(string adminConnectionString, CancellationToken ct)
    {
        await using var admin = new NpgsqlConnection(adminConnectionString);
        await admin.OpenAsync(ct);
        await OpenAsync(admin, ct);
    }

    /// <summary>Writes down what <see cref="OpenAsync"/> has made, in the transaction that makes the table for it.</summary>
    internal async Task RecordAsync(NpgsqlConnection admin, NpgsqlTransaction transaction, CancellationToken ct)
    {
        if (_unrecorded is { } first && await RootKeyRows.ReadAsync(admin, ct) is { Count: 0 })
        {
            await RootKeyRows.InsertAsync(admin, transaction, first.Version, first.Wrapped, ct);
            await RootKeyRows.WriteKeyCheckAsync(admin, transaction, KeyCheck(Current), ct);
            _unrecorded = null;
        }
    }

    internal static byte[] KeyCheck(RootKey root) => root.Installation.Seal(Check, CheckPlace(root.Version));

    private static byte[] CheckPlace(int version) =>
        new SealedPlace("kernel.installation", "key_check", Guid.Empty).Bind(Guid.Empty, version);

    private async Task<Opened> OpenAsync(List<RootKeyRow> rows, CancellationToken ct)
    {
        var live = rows.Where(row => row.Wrapped is not null).ToLookup(row => row.Version);
        var roots = new List<RootKey>();
        foreach (var version in live.OrderByDescending(group => group.Key))
        {
            if (_opened.Roots.FirstOrDefault(root => root.Version == version.Key) is { } known)
            {
                // A running node keeps what it has opened, though its own master key may be on its way out.
                roots.Add(known);
                continue;
            }
            var own = version.FirstOrDefault(row => master.Is(row.Master)) ?? throw Foreign(version.Select(row => row.Master));
            roots.Add(new RootKey(version.Key, await master.UnwrapAsync(version.Key, own.Wrapped!, ct)));
        }
        if (roots.Count == 0)
        {
            throw new MasterKeyException("Every root key of this installation is destroyed: what was sealed cannot be read any more.");
        }
        var earlier = rows.Where(row => row.Signing is not null).Select(row => OpenSigning(row, roots));
        return new([.. roots], [.. roots.Select(root => root.Signing), .. earlier]);
    }

    private MasterKeyException Foreign(IEnumerable<string> masters) =>
        new(
            $"The master key in {master.Description} is not the one this database was sealed with, which is {string.Join(" or ", masters)}. "
                + "Nothing was changed. Put the right key file back and start again."
        );

    internal static SealedPlace SigningPlace(int version) => new("vault.root_key", $"signing {version}", Guid.Empty);

    internal byte[] SigningOf(RootKeyRow row) => OpenSigning(row, [.. Roots]);

    private static byte[] OpenSigning(RootKeyRow row, List<RootKey> roots)
    {
        var under = SealedHeader.Read(row.Signing).Version;
        var root = roots.FirstOrDefault(root => root.Version == under) ?? throw new SealException(SealFailure.KeyMissing);
        return root.Installation.Open(row.Signing, SigningPlace(row.Version).Bind(Guid.Empty, under));
    }

    private async Task BeginAsync(byte[]? check, CancellationToken ct)
    {
        if (_opened.Roots.Length > 0)
        {
            return;
        }
        if (check is null)
        {
            master.Create();
        }
        Opened opened;
        WrappedRoot wrapped;
        if (master.FirstRoot() is { } first)
        {
            wrapped = await master.WrapAsync(1, first, ct);
            opened = Opened.Of(new RootKey(1, first));
        }
        else if (check is null)
        {
            (var root, wrapped) = await master.NewRootAsync(1, ct);
            opened = Opened.Of(new RootKey(1, root));
        }
        else
        {
            throw new MasterKeyException(
                "This database was sealed with a key file of an earlier version. Start once with that file, then: "
                    + $"tenet keys rotate master --to {master.Description}"
            );
        }
        Demand(opened, check);
        (_opened, _unrecorded) = (opened, (1, wrapped));
    }

    private void Demand(Opened opened, byte[]? check)
    {
        if (check is null)
        {
            return;
        }
        try
        {
            var version = SealedHeader.Read(check).Version;
            var root = opened.Roots.FirstOrDefault(root => root.Version == version) ?? throw new SealException(SealFailure.KeyMissing);
            root.Installation.Open(check, CheckPlace(version));
        }
        catch (SealException e)
        {
            throw new MasterKeyException(
                $"The master key in {master.Description} is not the one this database was sealed with. Nothing was changed. "
                    + "Put the right key file back and start again.",
                e
            );
        }
    }

    /// <summary>A ring of one root key that no database knows.</summary>
    internal static KeyRing ForTests(MasterKey master)
    {
        var ring = new KeyRing(master);
        ring._opened = Opened.Of(new RootKey(1, master.FirstRoot()!));
        return ring;
    }

    public void Dispose()
    {
        foreach (var root in _opened.Roots)
        {
            root.Dispose();
        }
        _opening.Dispose();
    }

    private sealed record Opened(ImmutableArray<RootKey> Roots, ImmutableArray<byte[]> Signing)
    {
        public static Opened Of(RootKey root) => new([root], [root.Signing]);
    }
}
