using System.Globalization;
using Tenet.Kernel.Policies;

namespace Tenet.Privacy.Pages;

/// <summary>States, times and counts in words.</summary>
internal static class StateText
{
    public static string Word(PromiseReport report) =>
        report.State switch
        {
            PromiseState.Holds => report.Promise.Strength == Strength.Attestation ? "Attested" : "Holds",
            PromiseState.Broken => "Broken",
            PromiseState.Stale => "Not known: the last look is too old",
            PromiseState.Lapsed => "Lapsed",
            PromiseState.NotYet => "Not yet",
            _ => "Not known",
        };

    /// <summary>The class of the coloured dot.</summary>
    public static string Dot(PromiseReport report) =>
        report.State switch
        {
            PromiseState.Holds => report.Promise.Strength == Strength.Attestation ? "attested" : "holds",
            PromiseState.Broken => "broken",
            PromiseState.Lapsed => "lapsed",
            PromiseState.NotYet => "soon",
            _ => "stale",
        };

    public static string Moment(DateTimeOffset at) => at.ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture);

    public static string Ago(TimeSpan age) =>
        age.TotalMinutes < 1 ? "just now"
        : age.TotalHours < 1 ? Count((long)age.TotalMinutes, "minute") + " ago"
        : age.TotalDays < 2 ? Count((long)age.TotalHours, "hour") + " ago"
        : Count((long)age.TotalDays, "day") + " ago";

    public static string Interval(TimeSpan every) =>
        every.TotalHours < 1 ? Count((long)every.TotalMinutes, "minute")
        : every.TotalHours == 1 ? "hour"
        : every.TotalDays < 1 ? Count((long)every.TotalHours, "hour")
        : every.TotalDays == 1 ? "day"
        : Count((long)every.TotalDays, "day");

    public static string Count(long number, string thing) =>
        string.Create(CultureInfo.InvariantCulture, $"{number:N0} {thing}{(number == 1 ? "" : "s")}");
}
