using Tenet.Kernel.DataMaps;
using Tenet.Kernel.Policies;
using Tenet.Kernel.Workspaces;

namespace Tenet.Privacy.Closings;

/// <summary>
/// A closed workspace is gone in time. The value is the setting: the purge begins so long before that it is done by then. The probe looks into
/// every table of the workspaces that were closed longer ago, whoever closed them and whatever the register of closings says.
/// </summary>
internal sealed class WorkspacePurge(DataMap map)
    : ClaimKind(
        Kind,
        "When a workspace was closed, its rows are gone from the active database within this time.",
        ClaimParameter.Choice("of", [.. Parts.All]),
        ClaimParameter.Period("gone_within")
    )
{
    public const string Kind = "workspace_purge";
    private const int MostWorkspaces = 100;

    public override string Limits =>
        "It looks at the hundred workspaces that were closed last. Financial records stay by law and are not looked at; copies in backups are another promise.";

    public override bool IsOfDeployment => true;

    public override string Key(Claim claim) => claim.Text("of");

    public override bool Tightens(Claim before, Claim after) => after.Period("gone_within") <= before.Period("gone_within");

    public override async Task<Finding> ProbeAsync(ProbeRun run, Claim claim, CancellationToken ct)
    {
        var (part, window) = (claim.Text("of"), claim.Period("gone_within"));
        var closed = await run.LookAcrossAsync(
            s =>
                s.ListAsync(
                    $"select id from kernel.workspace where closed_at < {window.Before(run.Now)} order by closed_at desc limit {MostWorkspaces}",
                    row => row.GetGuid(0),
                    ct
                ),
            ct
        );
        var door = (WorkspaceScope)run.Services.GetService(typeof(WorkspaceScope))!;
        var violations = new List<string>();
        foreach (var workspace in closed)
        {
            var left = await door.RunAsync(workspace, Actor.System, ctx => LeftAsync(ctx, part, ct), ct);
            violations.AddRange(left.Select(table => $"{table} has rows of a workspace that was closed longer than {window} ago."));
        }
        return Finding.Of(
            violations,
            closed.Count == 0
                ? $"No workspace was closed longer than {window} ago."
                : $"Of {closed.Count} workspaces that were closed longer than {window} ago, no row is left ({part.Replace('_', ' ')}).",
            closed.Count,
            $"{part}: select exists (select from every table behind the one door)"
        );
    }

    /// <summary>The tables of the part that have rows.</summary>
    private async Task<IReadOnlyList<string>> LeftAsync(WorkspaceContext ctx, string part, CancellationToken ct)
    {
        // Without a closing, all goes with everything.
        var parts = await ctx.ListAsync(
            $"select p.part from privacy.closing_part p join privacy.closing c on c.id = p.closing_id where c.state <> 'reopened'",
            row => row.GetString(0),
            ct
        );
        var left = new List<string>();
        foreach (var table in (await TenantTables.InOrderAsync(ctx, ct)).Where(table => !PurgeRows.Keeps(map, table)))
        {
            // The job that ends it may still be there.
            var where = Sql.Constant(table == "kernel.job" ? $"where kind <> '{PurgeWorkspace.Kind}'" : "");
            if (
                Parts.Of(table, parts) == part
                && await ctx.ScalarAsync<bool>($"select exists (select from {Sql.Constant(table)} {where})", ct)
            )
            {
                left.Add(table);
            }
        }
        return left;
    }
}
