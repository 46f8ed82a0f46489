using Npgsql;
using Tenet.Kernel.DataMaps;
using Tenet.Kernel.Http;
using Tenet.Kernel.Postgres;
using Tenet.Kernel.Workspaces;

namespace Tenet.Kernel.Vault;

/// <param name="Step">What is being done, for a person.</param>
public readonly record struct MasterRotationProgress(string Step, long Done, long Total);

/// <param name="OlderDestroyedAt">When the older root keys were destroyed, by the database's clock.</param>
public sealed record MasterRotation(int Root, int Workspaces, long Letters, DateTimeOffset? OlderDestroyedAt);

/// <summary>How a rotation of the master key ends.</summary>
/// <param name="Next">The key that takes over.</param>
public sealed record MasterRotationOptions(MasterKey Next)
{
    /// <summary>Puts the next key where the present one is, once everything is under it and before the present one stops to count.</summary>
    public Action? Swap { get; init; }

    /// <summary>The present key opens the installation too until a rotation runs again: for several nodes that change over one by one.</summary>
    public bool KeepOld { get; init; }

    /// <summary>What was signed before, such as visitors' tokens, counts no more.</summary>
    public bool RevokeTokens { get; init; }
}

/// <summary>
/// Puts the installation under another master key, while it runs: a new root key under both master keys, every workspace's key and everything
/// sealed by the installation under the new root key, and at the end the older root key destroyed. Killed at any point, it goes on when it is
/// started again; until its end either master key opens the installation.
/// </summary>
public sealed class RotateMasterKey(
    Databases databases,
    KeyRing keys,
    InstallationVault vault,
    WorkspaceKeys workspaces,
    WorkspaceScope door,
    SystemScope system,
    DataMap map,
    TimeProvider time
)
{
    private static readonly TimeSpan TokenLife = TimeSpan.FromDays(200);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    /// <exception cref="ConflictException">Another rotation runs, or one to another key is not finished.</exception>
    /// <exception cref="MasterKeyException">One of the keys cannot be used.</exception>
    public async Task<MasterRotation> RunAsync(
        MasterRotationOptions options,
        IProgress<MasterRotationProgress>? progress,
        CancellationToken ct
    )
    {
        // Outside the pool: the locks end with the connection.
        await using var admin = new NpgsqlConnection(databases.AdminConnectionString + ";Pooling=false");
        await admin.OpenAsync(ct);
        // Version 0 is no key's: the lock of the rotation itself.
        // PostgreSQL takes a moment to see that a command before this one has ended.
        for (var tries = 0; !await RootKeyRows.TryLockAsync(admin, 0, ct); tries++)
        {
            if (tries == 10)
            {
                throw new ConflictException("The master key is being rotated by another command. Wait for it, or end it and start again.");
            }
            await Task.Delay(Pause, time, ct);
        }
        await keys.OpenAsync(admin, ct);
        if (!IsUnderWay((await RootKeyRows.ReadAsync(admin, ct))!, options.Next))
        {
            progress?.Report(new("Making a new root key", 0, 0));
            await BeginAsync(admin, options.Next, ct);
        }
        var newest = keys.Current;
        await RunAsync(admin, KeyRingWatch.Notify(newest.Version), ct);
        foreach (var older in keys.Roots.Where(root => root != newest))
        {
            await WaitForNodesAsync(admin, older.Version, progress, ct);
        }
        var (count, letters) = (0, 0L);
        for (var first = true; ; first = false)
        {
            progress?.Report(new("Waiting for open transactions", 0, 0));
            await new OpenTransactions(system, time).WaitAsync(null, ct);
            var moved = await RewrapAsync(newest.Version, progress, ct);
            var resealed = await ResealAsync(newest, progress, ct);
            (count, letters) = (count + moved, letters + resealed);
            if (moved + resealed == 0 && !first)
            {
                break;
            }
        }
        options.Swap?.Invoke();
        var destroyed = await FinishAsync(admin, newest, options, ct);
        await RunAsync(admin, KeyRingWatch.Notify(newest.Version), ct);
        await keys.OpenAsync(admin, ct);
        return new(newest.Version, count, letters, destroyed);
    }

    /// <summary>A rotation is under way while there are two root keys, or two master keys that open the newest.</summary>
    internal static bool IsUnderWay(IReadOnlyList<RootKeyRow> rows)
    {
        var live = rows.Where(row => row.Wrapped is not null).ToList();
        return live.Select(row => row.Version).Distinct().Count() > 1
            || live.Select(row => row.Master).Distinct(StringComparer.Ordinal).Count() > 1;
    }

    private static bool IsUnderWay(List<RootKeyRow> rows, MasterKey next)
    {
        if (!IsUnderWay(rows))
        {
            return false;
        }
        var newest = rows.Where(row => row.Wrapped is not null).Max(row => row.Version);
        var masters = rows.Where(row => row.Version == newest && row.Wrapped is not null).Select(row => row.Master).ToList();
        return masters.Exists(next.Is)
            ? true
            : throw new ConflictException(
                $"A rotation is under way and not finished; the newest root key is under {string.Join(" and ", masters)}. "
                    + "Finish it first: start it again as it was started."
            );
    }

    private async Task BeginAsync(NpgsqlConnection admin, MasterKey next, CancellationToken ct)
    {
        // Asked of the masters before the transaction: one may be a service far away.
        var present = keys.Current;
        var (key, byNext) = await next.NewRootAsync(present.Version + 1, ct);
        using var root = new RootKey(present.Version + 1, key);
        var byPresent = await keys.Master.WrapAsync(root.Version, key, ct);
        var presentByNext = await next.WrapAsync(present.Version, present.ToArray(), ct);
        await using var transaction = await admin.BeginTransactionAsync(ct);
        await RootKeyRows.InsertAsync(admin, transaction, root.Version, byNext, ct);
        await RootKeyRows.InsertAsync(admin, transaction, root.Version, byPresent, ct);
        await RootKeyRows.InsertAsync(admin, transaction, present.Version, presentByNext, ct);
        // In the same moment, because nodes take the passwords from the newest root key.
        foreach (var role in new[] { Databases.AppRole, Databases.SystemRole })
        {
            await RunAsync(admin, $"alter role {role} password '{Databases.PasswordOf(root, role)}'", ct);
        }
        await transaction.CommitAsync(ct);
        await keys.OpenAsync(admin, ct);
    }

    private static async Task WaitForNodesAsync(
        NpgsqlConnection admin,
        int older,
        IProgress<MasterRotationProgress>? progress,
        CancellationToken ct
    )
    {
        // Tried, not waited for: a waiting exclusive lock would hold up the nodes' own.
        while (!await RootKeyRows.TryLockAsync(admin, older, ct))
        {
            progress?.Report(new("Waiting for the nodes to take the new root key", 0, 0));
            await Task.Delay(Pause, CancellationToken.None);
            ct.ThrowIfCancellationRequested();
        }
        await RunAsync(admin, $"select pg_advisory_unlock({KeyRingWatch.LockClass}, {older})", ct);
    }

    private async Task<int> RewrapAsync(int root, IProgress<MasterRotationProgress>? progress, CancellationToken ct)
    {
        var all = await system.RunAsync(s => s.ListAsync($"select id from kernel.workspace order by id", row => row.GetGuid(0), ct), ct);
        var (done, moved) = (0, 0);
        foreach (var workspace in all)
        {
            moved += await door.RunAsync(workspace, Actor.Operator, ctx => workspaces.RewrapAsync(ctx, root, ct), ct);
            progress?.Report(new("Putting the workspaces' keys under the new root key", ++done, all.Count));
        }
        return moved;
    }

    private async Task<long> ResealAsync(RootKey root, IProgress<MasterRotationProgress>? progress, CancellationToken ct)
    {
        long moved = 0;
        foreach (var column in SealedColumn.Of(map, KeyKind.Installation))
        {
            for (var after = Guid.Empty; ; )
            {
                var batch = await system.RunAsync(
                    async s =>
                    {
                        var old = await column.OldAsync(s, root.Version, after, ct);
                        await column.ReplaceAsync(s, [.. old.Select(v => (v.Id, v.Value, Renew(column, v)))], ct);
                        return old;
                    },
                    ct
                );
                if (batch.Count == 0)
                {
                    break;
                }
                (after, moved) = (batch[^1].Id, moved + batch.Count);
                progress?.Report(new("Sealing what belongs to the installation again", moved, 0));
            }
        }
        return moved;
    }

    private byte[] Renew(SealedColumn column, (Guid Id, byte[] Value) old) =>
        vault.Seal(column.Place(old.Id), vault.OpenBytes(column.Place(old.Id), old.Value));

    private async Task<DateTimeOffset?> FinishAsync(
        NpgsqlConnection admin,
        RootKey newest,
        MasterRotationOptions options,
        CancellationToken ct
    )
    {
        var rows = (await RootKeyRows.ReadAsync(admin, ct))!;
        var forget = time.GetUtcNow() - TokenLife;
        var signing = new Dictionary<int, byte[]?>();
        foreach (var row in rows.Where(row => row.Version < newest.Version))
        {
            var key =
                row.Signing is not null ? keys.SigningOf(row)
                : row.Wrapped is not null ? keys.Of(row.Version).Signing
                : null;
            signing[row.Version] =
                key is null || options.RevokeTokens || row.DestroyedAt < forget
                    ? signing.GetValueOrDefault(row.Version)
                    : newest.Installation.Seal(key, KeyRing.SigningPlace(row.Version).Bind(Guid.Empty, newest.Version));
        }
        await using var transaction = await admin.BeginTransactionAsync(ct);
        var destroyed = await RootKeyRows.RetireAsync(admin, transaction, newest.Version, signing, ct);
        if (!options.KeepOld)
        {
            await RootKeyRows.DropMastersAsync(
                admin,
                transaction,
                newest.Version,
                [.. rows.Where(row => row.Version == newest.Version && !options.Next.Is(row.Master)).Select(row => row.Master)],
                ct
            );
        }
        await RootKeyRows.WriteKeyCheckAsync(admin, transaction, KeyRing.KeyCheck(newest), ct);
        await transaction.CommitAsync(ct);
        return destroyed;
    }

    private static async Task RunAsync(NpgsqlConnection admin, string sql, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand(sql, admin);
        await command.ExecuteNonQueryAsync(ct);
    }
}
