using Tenet.Kernel.Postgres;
using Tenet.Kernel.Workspaces;

namespace Tenet.Kernel.Policies;

/// <summary>What the probes saw, kept: the latest look at each claim, and the worst of each day.</summary>
public sealed class PromiseLedger(TimeProvider time)
{
    // A probe that missed three of its looks says nothing any more.
    private const int MissedLooks = 3;

    /// <summary>Days of history that a page draws.</summary>
    public const int Days = 90;

    /// <summary>Writes looks down; a verdict that turned to broken, or back, is an entry of the audit log and an event.</summary>
    public static async Task WriteAsync(
        WorkspaceContext ctx,
        IReadOnlyList<(Promise Promise, int Number, Finding Finding, DateTimeOffset At)> looks,
        CancellationToken ct
    )
    {
        foreach (var (promise, number, finding, at) in looks)
        {
            var before = await ctx.FirstOrDefaultAsync(
                $"select verdict from kernel.promise_state where promise_id = {promise.Id} and claim_number = {number} for update",
                row => row.GetString(0),
                ct
            );
            var verdict = SqlValue.Text(finding.Verdict);
            await ctx.ExecuteAsync(
                $"""
                insert into kernel.promise_state as s (promise_id, claim_number, claim, verdict, says, looked, query, probed_at, since)
                values ({promise.Id}, {number}, {promise.Claims[
                    number
                ].Fingerprint}, {verdict}, {finding.Says}, {finding.Looked}, {finding.Query}, {at}, {at})
                on conflict (workspace_id, promise_id, claim_number) do update
                  set claim = excluded.claim, verdict = excluded.verdict, says = excluded.says, looked = excluded.looked, query = excluded.query,
                      probed_at = excluded.probed_at,
                      since = case when s.verdict = excluded.verdict then s.since else excluded.since end
                """,
                ct
            );
            await ctx.ExecuteAsync(
                $"""
                insert into kernel.promise_day as d (promise_id, day, verdict)
                values ({promise.Id}, {DateOnly.FromDateTime(at.UtcDateTime)}, {verdict})
                on conflict (workspace_id, promise_id, day) do update set verdict = excluded.verdict
                 where array_position(array['broken', 'lapsed', 'unknown', 'holds'], excluded.verdict)
                     < array_position(array['broken', 'lapsed', 'unknown', 'holds'], d.verdict)
                """,
                ct
            );
            if (before != verdict && (finding.Verdict == Verdict.Broken || before == SqlValue.Text(Verdict.Broken)))
            {
                ctx.Audit(
                    finding.Verdict == Verdict.Broken ? "promise.broken" : "promise.mended",
                    "promise",
                    ctx.WorkspaceId,
                    new { promise = promise.Id, claim = promise.Claims[number].Kind.Name }
                );
                ctx.Publish(Topic, ctx.WorkspaceId);
            }
            await Incidents.FollowAsync(ctx, promise.Id, number, finding, at, ct);
        }
    }

    /// <summary>A promise turned to broken or back.</summary>
    public const string Topic = "policy.promises";

    /// <summary>Each promise of a policy with the latest look, as of now.</summary>
    public async Task<IReadOnlyList<PromiseReport>> ReadAsync(WorkspaceContext ctx, Policy policy, CancellationToken ct)
    {
        var rows = await ctx.ListAsync(
            $"select promise_id, claim_number, verdict, says, looked, query, probed_at, since, claim from kernel.promise_state",
            row =>
                (
                    Key: (row.GetString(0), row.GetInt32(1), row.GetString(8)),
                    Finding: new Finding(SqlValue.Enum<Verdict>(row.GetString(2)), row.GetString(3), row.GetInt64(4), row.GetString(5)),
                    ProbedAt: row.GetFieldValue<DateTimeOffset>(6),
                    Since: row.GetFieldValue<DateTimeOffset>(7)
                ),
            ct
        );
        var looks = rows.ToDictionary(row => row.Key);
        var now = time.GetUtcNow();
        return
        [
            .. policy.Promises.Select(promise =>
                PromiseReport.Of(
                    promise,
                    [
                        .. promise.Claims.Select(
                            (claim, number) =>
                                !looks.TryGetValue((promise.Id, number, claim.Fingerprint), out var look)
                                    ? new ClaimReport(claim, PromiseState.Unknown, null, null, null)
                                : IsStale(claim, look.ProbedAt, now)
                                    ? new ClaimReport(claim, PromiseState.Stale, look.Finding, look.ProbedAt, look.Since)
                                : new ClaimReport(claim, Prober.StateOf(look.Finding.Verdict), look.Finding, look.ProbedAt, look.Since)
                        ),
                    ]
                )
            ),
        ];
    }

    internal static bool IsStale(Claim claim, DateTimeOffset probedAt, DateTimeOffset now) =>
        probedAt < now - (claim.Kind.Every * MissedLooks);

    /// <summary>The worst verdict of each of the last <see cref="Days"/> days, by promise; days without a look are absent.</summary>
    public static async Task<ILookup<string, (DateOnly Day, Verdict Verdict)>> HistoryAsync(WorkspaceContext ctx, CancellationToken ct)
    {
        var from = DateOnly.FromDateTime(ctx.Now.UtcDateTime).AddDays(-Days + 1);
        var rows = await ctx.ListAsync(
            $"select promise_id, day, verdict from kernel.promise_day where day >= {from}",
            row => (Promise: row.GetString(0), Day: row.GetFieldValue<DateOnly>(1), Verdict: SqlValue.Enum<Verdict>(row.GetString(2))),
            ct
        );
        return rows.ToLookup(row => row.Promise, row => (row.Day, row.Verdict), StringComparer.Ordinal);
    }
}
