using Tenet.Kernel.Postgres;
using Tenet.Kernel.Workspaces;

namespace Tenet.Kernel.Policies;

/// <summary>A policy as it stands in all workspaces that are under it: the worst of them, and in how many.</summary>
public sealed record DeploymentReport(
    IReadOnlyList<PromiseReport> Promises,
    ILookup<string, (DateOnly Day, Verdict Verdict)> History,
    long Workspaces
);

/// <summary>Sums up what the probes saw in all workspaces under a policy. Of a single workspace it says nothing but what is the same in all.</summary>
public sealed class DeploymentLedger(SystemScope system, PolicyBook book, TimeProvider time)
{
    public Task<DeploymentReport> ReadAsync(Policy policy, CancellationToken ct) =>
        system.RunAsync(
            async s =>
            {
                var fallback = book.DefaultName;
                var workspaces = await s.ScalarAsync<long>(
                    $"""
                    select count(*) from kernel.workspace w left join kernel.workspace_policy p on p.workspace_id = w.id
                     where w.closed_at is null and coalesce(p.name, {fallback}) = {policy.Name}
                    """,
                    ct
                );
                var sums = await s.ListAsync(
                    $"""
                    select s.promise_id, s.claim_number, s.claim,
                           (array_agg(s.verdict order by array_position(array['broken', 'lapsed', 'unknown', 'holds'], s.verdict)))[1],
                           count(*) filter (where s.verdict <> 'holds'), count(*),
                           case when min(s.says) = max(s.says) then min(s.says) end, sum(s.looked)::bigint, min(s.query), min(s.probed_at), max(s.since)
                      from kernel.promise_state s
                      join kernel.workspace w on w.id = s.workspace_id and w.closed_at is null
                      left join kernel.workspace_policy p on p.workspace_id = s.workspace_id
                     where coalesce(p.name, {fallback}) = {policy.Name}
                     group by 1, 2, 3
                    """,
                    row =>
                        (
                            Key: (row.GetString(0), row.GetInt32(1), row.GetString(2)),
                            Sum: new Sum(
                                SqlValue.Enum<Verdict>(row.GetString(3)),
                                row.GetInt64(4),
                                row.GetInt64(5),
                                row.TextOrNull(6),
                                row.GetInt64(7),
                                row.GetString(8),
                                row.GetFieldValue<DateTimeOffset>(9),
                                row.GetFieldValue<DateTimeOffset>(10)
                            )
                        ),
                    ct
                );
                var from = DateOnly.FromDateTime(s.Now.UtcDateTime).AddDays(-PromiseLedger.Days + 1);
                var days = await s.ListAsync(
                    $"""
                    select d.promise_id, d.day,
                           (array_agg(d.verdict order by array_position(array['broken', 'lapsed', 'unknown', 'holds'], d.verdict)))[1]
                      from kernel.promise_day d
                      join kernel.workspace w on w.id = d.workspace_id and w.closed_at is null
                      left join kernel.workspace_policy p on p.workspace_id = d.workspace_id
                     where d.day >= {from} and coalesce(p.name, {fallback}) = {policy.Name}
                     group by 1, 2
                    """,
                    row =>
                        (Promise: row.GetString(0), Day: row.GetFieldValue<DateOnly>(1), Verdict: SqlValue.Enum<Verdict>(row.GetString(2))),
                    ct
                );
                var found = sums.ToDictionary(sum => sum.Key, sum => sum.Sum);
                return new DeploymentReport(
                    [
                        .. policy.Promises.Select(promise =>
                            PromiseReport.Of(promise, [.. promise.Claims.Select((claim, n) => Report(promise, claim, n, found))])
                        ),
                    ],
                    days.ToLookup(day => day.Promise, day => (day.Day, day.Verdict), StringComparer.Ordinal),
                    workspaces
                );
            },
            ct
        );

    private ClaimReport Report(Promise promise, Claim claim, int number, Dictionary<(string, int, string), Sum> sums)
    {
        if (!sums.TryGetValue((promise.Id, number, claim.Fingerprint), out var sum))
        {
            return new ClaimReport(claim, PromiseState.Unknown, null, null, null);
        }
        var state = PromiseLedger.IsStale(claim, sum.ProbedAt, time.GetUtcNow()) ? PromiseState.Stale : Prober.StateOf(sum.Worst);
        var says =
            sum.Says
            ?? (
                sum.NotHolding == 0
                    ? $"It holds in each of {sum.Looks} workspaces."
                    : $"It holds in {sum.Looks - sum.NotHolding} of {sum.Looks} workspaces."
            );
        return new ClaimReport(claim, state, new Finding(sum.Worst, says, sum.Looked, sum.Query), sum.ProbedAt, sum.Since);
    }

    private sealed record Sum(
        Verdict Worst,
        long NotHolding,
        long Looks,
        string? Says,
        long Looked,
        string Query,
        DateTimeOffset ProbedAt,
        DateTimeOffset Since
    );
}
