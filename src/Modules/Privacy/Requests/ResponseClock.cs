using Tenet.Kernel.Policies;
using Tenet.Kernel.Workspaces;

namespace Tenet.Privacy.Requests;

/// <summary>In which time requests are acknowledged, first answered and done. Deadlines are set by these values; the probe looks for what is late.</summary>
internal sealed class ResponseClock()
    : ClaimKind(
        Kind,
        "Requests of persons are acknowledged, first answered and done within these times, and the first in a while is free.",
        Time("acknowledge"),
        Time("respond"),
        Time("done"),
        Time("extended"),
        ClaimParameter.Period("free_every").Optional()
    )
{
    public const string Kind = "response_clock";
    public const string Subject = "requests";

    // A request's letters leave within minutes; a clock that stands a little ahead is no violation.
    private static readonly TimeSpan Grace = TimeSpan.FromMinutes(15);

    public override TimeSpan Every => TimeSpan.FromMinutes(30);

    public override string Limits =>
        "It shows when letters were handed to the mail relay and when a request was closed, not whether the answer was a good one.";

    public override string Key(Claim claim) => Subject;

    public override bool Tightens(Claim before, Claim after) =>
        new[] { "acknowledge", "respond", "done", "extended" }.All(name => Days(after, name) <= Days(before, name))
        && (before.PeriodOrNull("free_every") is not { } free || after.PeriodOrNull("free_every") <= free);

    /// <summary>What the claim says of a step; null when it says nothing.</summary>
    public static Term? TermOf(Claim claim, ClockStep step) =>
        step is not ClockStep.Free && claim.Values.TryGetValue(Kernel.Postgres.SqlValue.Text(step), out var term) ? (Term)term : null;

    public override async Task<Finding> ProbeAsync(ProbeRun run, Claim claim, CancellationToken ct)
    {
        var none = new HashSet<DateOnly>();
        var violations = new List<string>();
        var requests = await run.LookAsync(ctx => ReadAsync(ctx, ct), ct);
        void Late(string step, Func<Look, DateTimeOffset?> at, Func<Look, bool> counts, ClockStep clock)
        {
            var term = TermOf(claim, clock);
            var late = requests.Count(request =>
                counts(request) && term is { } promised && (at(request) ?? run.Now) > promised.After(request.ReceivedAt, none) + Grace
            );
            if (late > 0)
            {
                violations.Add($"{late} request{(late == 1 ? "" : "s")} {step} later than promised.");
            }
        }
        Late("acknowledged", request => request.AcknowledgedAt, _ => true, ClockStep.Acknowledge);
        Late("first answered", request => request.RespondedAt, _ => true, ClockStep.Respond);
        Late("done", request => request.ClosedAt, request => !request.Extended, ClockStep.Done);
        Late("done after an extension", request => request.ClosedAt, request => request.Extended, ClockStep.Extended);
        var loose = requests.Count(request =>
            TermOf(claim, request.Extended ? ClockStep.Extended : ClockStep.Done) is { } promised
            && request.DueAt > promised.After(request.ReceivedAt, none) + Grace
        );
        if (loose > 0)
        {
            violations.Add($"{loose} open requests are due later than promised.");
        }
        return Finding.Of(
            violations,
            requests.Count == 0 ? "Nobody has asked for anything yet." : $"{requests.Count} requests, none late.",
            requests.Count,
            Statement.ToString()
        );
    }

    private static Sql Statement =>
        $"""
            select received_at, acknowledged_at, responded_at, closed_at, extended_at is not null, due_at
              from privacy.request where verified_at is not null order by received_at desc limit 10000
            """;

    // Who never proved who they are is owed no answer; an acknowledgement was sent all the same.
    private static Task<List<Look>> ReadAsync(WorkspaceContext ctx, CancellationToken ct) =>
        ctx.ListAsync(
            Statement,
            row => new Look(
                row.GetFieldValue<DateTimeOffset>(0),
                row.ValueOrNull<DateTimeOffset>(1),
                row.ValueOrNull<DateTimeOffset>(2),
                row.ValueOrNull<DateTimeOffset>(3),
                row.GetBoolean(4),
                row.GetFieldValue<DateTimeOffset>(5)
            ),
            ct
        );

    private static double Days(Claim claim, string name) =>
        claim.Values.TryGetValue(name, out var term) ? ((Term)term).Days : double.MaxValue;

    private static ClaimParameter Time(string name) =>
        new(name, "a time such as 48 hours, 7 business days, 30 days or 1 month", text => Term.Parse(text), false, null);

    private sealed record Look(
        DateTimeOffset ReceivedAt,
        DateTimeOffset? AcknowledgedAt,
        DateTimeOffset? RespondedAt,
        DateTimeOffset? ClosedAt,
        bool Extended,
        DateTimeOffset DueAt
    );
}
