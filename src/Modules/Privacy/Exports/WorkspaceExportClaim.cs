using Tenet.Kernel.DataMaps;
using Tenet.Kernel.Policies;
using Tenet.Kernel.Workspaces;
using Tenet.Privacy.Closings;

namespace Tenet.Privacy.Exports;

/// <summary>
/// The copy of a workspace is one JSON file with every row. The probe compares what a copy would hold with PostgreSQL's catalogue, and looks
/// whether copies that were asked for were made.
/// </summary>
internal sealed class WorkspaceExportClaim(DataMap map)
    : ClaimKind(Kind, "The copy of a workspace is one JSON file with every row, and is made within the hour.")
{
    public const string Kind = "workspace_export";

    /// <summary>A copy that waits for longer was not made.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromHours(1);

    public override string Limits => "It looks at which tables are copied, not at the rows of a copy; tests compare those.";

    public override string Key(Claim claim) => Kind;

    public override async Task<Finding> ProbeAsync(ProbeRun run, Claim claim, CancellationToken ct)
    {
        var known = map.Tables.ToDictionary(table => table.Table, StringComparer.Ordinal);
        var (tables, waiting) = await run.LookAsync(
            async ctx =>
                (
                    await TenantTables.InOrderAsync(ctx, ct),
                    await ctx.ScalarAsync<long>(
                        $"select count(*) from privacy.workspace_export where state = 'waiting' and created_at < {run.Now - Grace}",
                        ct
                    )
                ),
            ct
        );
        var lost = tables.Where(table => WorkspaceTables.Withheld(table) is null && !known.ContainsKey(table)).ToList();
        return Finding.Of(
            [
                .. lost.Select(table => $"{table} is in no copy: no module declares it."),
                .. waiting == 0 ? [] : (string[])[$"{waiting} copies were asked for more than an hour ago and are not there."],
            ],
            $"{tables.Count(table => WorkspaceTables.Withheld(table) is null)} tables are in the copy; {tables.Count(table => WorkspaceTables.Withheld(table) is not null)} say why they are not.",
            tables.Count,
            "pg_class with workspace_id; privacy.workspace_export where state = 'waiting'"
        );
    }
}
