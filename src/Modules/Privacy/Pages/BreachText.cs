using Tenet.Kernel.Postgres;
using Tenet.Kernel.Screens;
using Tenet.Privacy.Breaches;

namespace Tenet.Privacy.Pages;

/// <summary>States and clocks of breaches in words.</summary>
internal static class BreachText
{
    public static string State(Breach breach) => SqlValue.Text(breach.State);

    public static Tone Tone(Breach breach) =>
        breach.State switch
        {
            BreachState.Closed => Kernel.Screens.Tone.Holds,
            BreachState.Suspected or BreachState.Confirmed => Kernel.Screens.Tone.Broken,
            _ => Kernel.Screens.Tone.Soon,
        };

    public static string Clock(Breach breach, DateTimeOffset now) =>
        breach.AuthorityToldAt is { } told ? $"told on {BreachDrafts.Moment(told)}"
        : breach.AuthorityNotTold is not null ? "need not be told"
        : Left(breach.AuthorityDueAt, now);

    public static string Left(DateTimeOffset due, DateTimeOffset now) =>
        due < now ? $"late by {Length(now - due)}" : $"{Length(due - now)} left";

    private static string Length(TimeSpan span) =>
        span.TotalHours >= 48 ? StateText.Count((long)span.TotalDays, "day")
        : span.TotalHours >= 1 ? StateText.Count((long)span.TotalHours, "hour")
        : StateText.Count((long)Math.Max(1, span.TotalMinutes), "minute");
}
