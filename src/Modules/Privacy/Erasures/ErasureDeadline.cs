using Tenet.Kernel.Policies;
using Tenet.Kernel.Workspaces;

namespace Tenet.Privacy.Erasures;

/// <summary>
/// By when a person who asked for it, and proved who they are, is erased. The values set the days of requests and erasures; the probe looks for
/// those that ran past them, whatever day stands with them.
/// </summary>
internal sealed class ErasureDeadline()
    : ClaimKind(
        Kind,
        "Who asked to be erased and proved who they are is erased within this time, and within the shorter one once the work has begun.",
        ClaimParameter.Period("within"),
        ClaimParameter.Period("once_begun")
    )
{
    public const string Kind = "erasure_deadline";

    /// <summary>How many ended ones are looked at, from the newest.</summary>
    private const int MostEnded = 1_000;

    // The round that looks, and the clocks of two machines, may differ by so much.
    private static readonly TimeSpan Grace = TimeSpan.FromMinutes(15);

    public override TimeSpan Every => TimeSpan.FromMinutes(30);

    public override Strength Strength => Strength.Procedure;

    public override string Limits =>
        "It looks at times. What became of each place stands in the certificate. Where a person was told in time that it takes longer, the longer term counts.";

    public override string? TakesEffect(Claim claim) =>
        "The day by which a request for erasure and an erasure are due; the team has a letter when a quarter of the time is left.";

    public override string Key(Claim claim) => Kind;

    public override bool Tightens(Claim before, Claim after) =>
        after.Period("within") <= before.Period("within") && after.Period("once_begun") <= before.Period("once_begun");

    public override async Task<Finding> ProbeAsync(ProbeRun run, Claim claim, CancellationToken ct)
    {
        var (within, once) = (claim.Period("within"), claim.Period("once_begun"));
        var (erasures, requests) = await run.LookAsync(
            async ctx => (await ctx.ListAsync(Erasures, Read, ct), await ctx.ListAsync(Requests, Read, ct)),
            ct
        );
        int Late(List<Span> spans, Period most) =>
            spans.Count(span => (span.EndedAt ?? run.Now) > (span.LongerUntil ?? most.After(span.BeganAt)) + Grace);
        var (working, asked) = (Late(erasures, once), Late(requests, within));
        return Finding.Of(
            [
                .. working == 0 ? [] : (string[])[$"{working} erasures took longer than {once} once they had begun."],
                .. asked == 0
                    ? []
                    : (string[])[$"{asked} persons who asked to be erased, and proved who they are, waited longer than {within}."],
            ],
            $"{requests.Count} requests for erasure and {erasures.Count} erasures, none past its day.",
            erasures.Count + requests.Count,
            Erasures.ToString() + Requests
        );
    }

    private static Sql Erasures =>
        $"""
            (select created_at, completed_at, null::timestamptz from privacy.erasure where state <> 'done' limit 10000)
            union all
            (select created_at, completed_at, null from privacy.erasure where state = 'done' order by created_at desc limit {MostEnded})
            """;

    private static Sql Requests =>
        $"""
            (select verified_at, closed_at, case when extended_at is not null then due_at end
               from privacy.request where closed_at is null and verified_at is not null and kind in ('erasure', 'delete') limit 10000)
            union all
            (select verified_at, closed_at, longer from (
               select kind, state, verified_at, closed_at, case when extended_at is not null then due_at end as longer
                 from privacy.request where closed_at is not null order by closed_at desc limit {MostEnded}) newest
              where verified_at is not null and kind in ('erasure', 'delete') and state = 'done')
            """;

    private static Span Read(Npgsql.NpgsqlDataReader row) =>
        new(row.GetFieldValue<DateTimeOffset>(0), row.ValueOrNull<DateTimeOffset>(1), row.ValueOrNull<DateTimeOffset>(2));

    /// <param name="LongerUntil">The day that the person was told in time; null where none was.</param>
    private sealed record Span(DateTimeOffset BeganAt, DateTimeOffset? EndedAt, DateTimeOffset? LongerUntil);
}
