using System.Text.Json;
using System.Text.Json.Serialization;
using Tenet.Kernel.Policies;
using Tenet.Kernel.Workspaces;
using Tenet.Privacy.Erasures;

namespace Tenet.Privacy.Requests;

/// <summary>Which step of a request has to be taken until when.</summary>
internal enum ClockStep
{
    Acknowledge,
    Respond,
    Done,

    /// <summary>Done, when the person was told in time that it takes longer.</summary>
    Extended,

    /// <summary>How long after an answer the next one of the kind may cost something.</summary>
    Free,
}

/// <param name="Kind">Null for all that no rule of their own names.</param>
/// <param name="From">Since when it is the law.</param>
/// <param name="Until">The last day on which it was; null while it is.</param>
internal sealed record ClockRule(
    RequestRegime Regime,
    RequestKind? Kind,
    ClockStep Step,
    int Amount,
    TermUnit Unit,
    bool Rolls,
    DateOnly From,
    DateOnly? Until,
    string Source
);

internal sealed record Deadlines(DateTimeOffset AcknowledgeBy, DateTimeOffset RespondBy, DateTimeOffset DueAt);

/// <summary>
/// The terms of law, as data with the days from which they count, and what the policy in force promises beside them. The strictest counts.
/// </summary>
internal sealed class RequestClocks(PolicySettings policy)
{
    private static readonly JsonSerializerOptions Format = new(JsonSerializerDefaults.Web)
    {
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower, allowIntegerValues: false) },
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    };

    private static readonly Lazy<ClockFile> Law = new(Read);

    /// <summary>By when each step of a request that came at a moment is due.</summary>
    public async Task<Deadlines> OfAsync(
        WorkspaceContext ctx,
        RequestRegime regime,
        RequestKind kind,
        DateTimeOffset at,
        CancellationToken ct
    ) =>
        new(
            await EndAsync(ctx, regime, kind, ClockStep.Acknowledge, at, ct),
            await EndAsync(ctx, regime, kind, ClockStep.Respond, at, ct),
            await EndAsync(ctx, regime, kind, ClockStep.Done, at, ct)
        );

    public Task<DateTimeOffset> ExtendedAsync(WorkspaceContext ctx, PrivacyRequest request, CancellationToken ct) =>
        EndAsync(ctx, request.Regime, request.Kind, ClockStep.Extended, request.ReceivedAt, ct);

    /// <summary>Since when an earlier answer makes a request the second one.</summary>
    public async Task<DateTimeOffset> FreeSinceAsync(WorkspaceContext ctx, RequestRegime regime, RequestKind kind, CancellationToken ct)
    {
        var months = Law.Value.Of(regime, kind, ClockStep.Free, DateOnly.FromDateTime(ctx.Now.UtcDateTime)).Min(rule => rule.Amount);
        var since = ctx.Now.AddMonths(-months);
        return (await ClaimAsync(ctx, ct))?.PeriodOrNull("free_every") is { } promised && promised.Before(ctx.Now) > since
            ? promised.Before(ctx.Now)
            : since;
    }

    private async Task<DateTimeOffset> EndAsync(
        WorkspaceContext ctx,
        RequestRegime regime,
        RequestKind kind,
        ClockStep step,
        DateTimeOffset at,
        CancellationToken ct
    )
    {
        var holidays = Law.Value.Holidays[regime];
        var ends = Law
            .Value.Of(regime, kind, step, DateOnly.FromDateTime(at.UtcDateTime))
            .Select(rule => new Term(rule.Amount, rule.Unit).After(at, holidays, rule.Rolls));
        if (
            step is ClockStep.Done
            && kind.IsErasure()
            && await policy.FindAsync(ctx.WorkspaceId, ErasureDeadline.Kind, ErasureDeadline.Kind, ct) is { } erasing
        )
        {
            // Promised from the proof of who asks; counted from the day it came in, which is never later.
            ends = ends.Append(erasing.Period("within").After(at));
        }
        return await ClaimAsync(ctx, ct) is { } claim && ResponseClock.TermOf(claim, step) is { } promised
            ? ends.Append(promised.After(at, holidays)).Min()
            : ends.Min();
    }

    private ValueTask<Claim?> ClaimAsync(WorkspaceContext ctx, CancellationToken ct) =>
        policy.FindAsync(ctx.WorkspaceId, ResponseClock.Kind, ResponseClock.Subject, ct);

    internal static IReadOnlyList<ClockRule> Rules => Law.Value.Rules;

    private static ClockFile Read()
    {
        using var stream = typeof(RequestClocks).Assembly.GetManifestResourceStream("Tenet.Privacy.Requests.clocks.json")!;
        return JsonSerializer.Deserialize<ClockFile>(stream, Format)!;
    }

    private sealed record ClockFile(Dictionary<RequestRegime, HashSet<DateOnly>> Holidays, IReadOnlyList<ClockRule> Rules)
    {
        /// <summary>The rules of a day. What applies to a kind besides is stricter: a rule for all applies to it as well.</summary>
        public IEnumerable<ClockRule> Of(RequestRegime regime, RequestKind kind, ClockStep step, DateOnly day) =>
            Rules.Where(rule =>
                rule.Regime == regime
                && rule.Step == step
                && (rule.Kind is null || rule.Kind == kind)
                && rule.From <= day
                && (rule.Until is null || rule.Until >= day)
            );
    }
}
