using Npgsql;
using Tenet.Kernel.DataMaps;
using Tenet.Kernel.Postgres;
using Tenet.Kernel.Workspaces;

namespace Tenet.Kernel.Vault;

public sealed record RootStatus(int Version, string Master, DateTimeOffset CreatedAt, DateTimeOffset? DestroyedAt);

/// <param name="Masters">Which master keys open the newest root key.</param>
/// <param name="Moved">Workspaces whose keys are under it, of <paramref name="Total"/>.</param>
public sealed record MasterStatus(int Root, IReadOnlyList<string> Masters, bool UnderWay, int Moved, int Total);

/// <summary>What keys there are and how far their rotations stand, read from the rows themselves.</summary>
public sealed class KeyStatus(Databases databases, WorkspaceScope door, WorkspaceDirectory directory, DataMap map)
{
    public async Task<IReadOnlyList<RootStatus>> RootsAsync(CancellationToken ct) =>
        [
            .. (await ReadAsync(ct))
                .OrderBy(row => row.Version)
                .Select(row => new RootStatus(row.Version, row.Master, row.CreatedAt, row.DestroyedAt)),
        ];

    public async Task<MasterStatus> MasterAsync(CancellationToken ct)
    {
        var live = (await ReadAsync(ct)).Where(row => row.Wrapped is not null).ToList();
        var newest = live.Max(row => row.Version);
        var (moved, total) = (0, 0);
        foreach (var workspace in await directory.ListAsync(ct))
        {
            var isOld = await door.RunAsync(workspace.Id, Actor.Operator, ctx => WorkspaceKeys.IsUnderOlderRootAsync(ctx, newest, ct), ct);
            (moved, total) = (moved + (isOld ? 0 : 1), total + 1);
        }
        return new(
            newest,
            [.. live.Where(row => row.Version == newest).Select(row => row.Master)],
            RotateMasterKey.IsUnderWay(live),
            moved,
            total
        );
    }

    /// <returns>The version it leads to and how many values are still under older ones; null when none is under way.</returns>
    public async Task<(int Version, long Left)?> RotationAsync(WorkspaceContext ctx, CancellationToken ct)
    {
        var live = (await WorkspaceKeys.ListAsync(ctx, ct)).FindAll(key => key.DestroyedAt is null);
        if (live.Count < 2)
        {
            return null;
        }
        long left = 0;
        foreach (var column in SealedColumn.Of(map, KeyKind.Workspace))
        {
            left += await column.CountOldAsync(ctx, live[^1].Version, ct);
        }
        return (live[^1].Version, left);
    }

    public static async Task<(List<KeyVersion> Keys, (long Live, long Shredded) Persons)> OfWorkspaceAsync(
        WorkspaceContext ctx,
        CancellationToken ct
    ) =>
        (
            await WorkspaceKeys.ListAsync(ctx, ct),
            await ctx.FirstOrDefaultAsync(
                $"select count(wrapped), count(*) - count(wrapped) from vault.subject_key",
                row => (row.GetInt64(0), row.GetInt64(1)),
                ct
            )
        );

    /// <summary>Removes what destroyed keys left in the files of their tables; PostgreSQL would do so at a time of its own.</summary>
    public async Task ScrubAsync(CancellationToken ct)
    {
        await using var admin = new NpgsqlConnection(databases.AdminConnectionString);
        await admin.OpenAsync(ct);
        await using var vacuum = new NpgsqlCommand(
            "vacuum (index_cleanup on) vault.workspace_key, vault.subject_key, vault.root_key",
            admin
        );
        await vacuum.ExecuteNonQueryAsync(ct);
    }

    private async Task<List<RootKeyRow>> ReadAsync(CancellationToken ct)
    {
        await using var admin = new NpgsqlConnection(databases.AdminConnectionString);
        await admin.OpenAsync(ct);
        return (await RootKeyRows.ReadAsync(admin, ct))!;
    }
}
