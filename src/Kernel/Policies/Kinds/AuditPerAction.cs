using Tenet.Kernel.Audit;
using Tenet.Kernel.Audit.Checkpoints;
using Tenet.Kernel.Workspaces;

namespace Tenet.Kernel.Policies.Kinds;

/// <summary>What was done stands in the audit trail, and the trail is the one that was written.</summary>
internal sealed class AuditPerAction(IReadOnlyList<AuditedRecords> audited, CheckpointStore checkpoints, CheckpointKeys keys)
    : ClaimKind("audit_per_action", "Every action makes an entry in the audit trail, and no entry was changed, removed or cut off.")
{
    private const int NewestLinks = 500;
    private const int NewestRows = 200;

    // Rows from before the trail began to be kept for this long may have lost their entry to the purge.
    private static readonly TimeSpan Recent = TimeSpan.FromDays(Audit.AuditOptions.LeastDays - 1);

    public override TimeSpan Every => TimeSpan.FromMinutes(30);

    public override string Limits =>
        "The newest 500 entries are verified, and the newest rows of the tables whose rows are actions. The whole trail: tenet audit verify.";

    public override string Key(Claim claim) => "audit trail";

    public override async Task<Finding> ProbeAsync(ProbeRun run, Claim claim, CancellationToken ct)
    {
        // Read before the trail: one that is made meanwhile is not yet asked for.
        var outside = await checkpoints.LatestAsync(run.WorkspaceId, ct);
        var signed = outside is null ? null : (await keys.OfAsync(run.WorkspaceId, ct)).Open(outside);
        return await run.LookAsync(
            async ctx =>
            {
                var violations = new List<string>();
                foreach (var records in audited)
                {
                    var missing = await ctx.ScalarAsync<long>(Missing(records, run.Now - Recent), ct);
                    if (missing > 0)
                    {
                        violations.Add($"{missing} new rows of {records.Table} have no entry {records.Action}.");
                    }
                }
                var head = await AuditHead.FindAsync(ctx, ct);
                var rows = new List<AuditRow>();
                await foreach (var row in AuditRow.StreamAsync(ctx, Math.Max(0, (head?.Size ?? 0) - NewestLinks), long.MaxValue, ct))
                {
                    rows.Add(row);
                }
                var last = rows.Count == 0 ? 0 : rows[^1].Link.Position;
                if (last < Math.Max(head?.Size ?? 0, signed?.Size ?? 0))
                {
                    violations.Add($"The trail ends at entry {last}; it had {Math.Max(head?.Size ?? 0, signed?.Size ?? 0)}.");
                }
                violations.AddRange(Faults(run.WorkspaceId, rows, head?.PurgedThrough ?? 0));
                return Finding.Of(
                    violations,
                    rows.Count == 0
                        ? "Nothing was done yet."
                        : $"The newest {rows.Count} of {last} entries are those that were chained, and no new row lacks its entry.",
                    rows.Count,
                    "audit.link, audit.entry; " + string.Join("; ", audited.Select(records => Missing(records, default).ToString()))
                );
            },
            ct
        );
    }

    private static IEnumerable<string> Faults(Guid workspaceId, List<AuditRow> rows, long purged)
    {
        byte[]? previous = null;
        foreach (var (link, entry) in rows)
        {
            if (previous is not null && !link.Previous.AsSpan().SequenceEqual(previous))
            {
                yield return $"Entry {link.Position} does not follow the one before it.";
            }
            if (!link.Hash.AsSpan().SequenceEqual(AuditChain.Link(link.Previous, link.Leaf)))
            {
                yield return $"Entry {link.Position} has a wrong hash in the chain.";
            }
            previous = link.Hash;
            if (entry is null)
            {
                if (link.Position > purged)
                {
                    yield return $"Entry {link.Position} is gone though nothing purged it.";
                }
            }
            else if (entry.HasItsDetails == false || !AuditChain.Leaf(workspaceId, entry).AsSpan().SequenceEqual(link.Leaf))
            {
                yield return $"Entry {link.Position} is not the one that was chained.";
            }
        }
    }

    private static Sql Missing(AuditedRecords records, DateTimeOffset since) =>
        $"""
            select count(*) from (
              select id from {Sql.Constant(records.Table)} where {Sql.Constant(
                records.At
            )} > {since} order by id desc limit {NewestRows}) done
             where not exists (select from audit.entry e where e.subject_id = done.id and e.action = {records.Action})
            """;
}
