using System.Globalization;

namespace Tenet.Kernel.Policies;

/// <summary>
/// A length of time as a policy writes it: <c>15 minutes</c>, <c>365 days</c>, <c>7 years</c>. Months and years follow the calendar, so
/// that a year that began on 1 March ends on 1 March.
/// </summary>
public readonly record struct Period(int Months, TimeSpan Time) : IComparable<Period>
{
    private static readonly (string One, string Many, int Months, TimeSpan Time)[] Units =
    [
        ("second", "seconds", 0, TimeSpan.FromSeconds(1)),
        ("minute", "minutes", 0, TimeSpan.FromMinutes(1)),
        ("hour", "hours", 0, TimeSpan.FromHours(1)),
        ("day", "days", 0, TimeSpan.FromDays(1)),
        ("week", "weeks", 0, TimeSpan.FromDays(7)),
        ("month", "months", 1, TimeSpan.Zero),
        ("year", "years", 12, TimeSpan.Zero),
    ];

    /// <summary>The moment that lies this long before another.</summary>
    public DateTimeOffset Before(DateTimeOffset moment) => moment.AddMonths(-Months) - Time;

    public DateTimeOffset After(DateTimeOffset moment) => moment.AddMonths(Months) + Time;

    /// <summary>For comparing only: a month counts as 30.44 days.</summary>
    public TimeSpan Approximately => Time + TimeSpan.FromDays(Months * 365.2425 / 12);

    public int CompareTo(Period other) => Approximately.CompareTo(other.Approximately);

    public static bool operator <(Period left, Period right) => left.CompareTo(right) < 0;

    public static bool operator >(Period left, Period right) => left.CompareTo(right) > 0;

    public static bool operator <=(Period left, Period right) => left.CompareTo(right) <= 0;

    public static bool operator >=(Period left, Period right) => left.CompareTo(right) >= 0;

    /// <summary>Reads a whole number of one unit; at most 100 years.</summary>
    public static bool TryParse(string text, out Period period)
    {
        period = default;
        var parts = text.Split(' ');
        if (
            parts.Length != 2
            || !int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            || number is < 1 or > 1_000_000
        )
        {
            return false;
        }
        foreach (var unit in Units)
        {
            if (parts[1] == (number == 1 ? unit.One : unit.Many))
            {
                var months = (long)unit.Months * number;
                var time = unit.Time.TotalDays * number;
                if (months > 1_200 || time > 36_525)
                {
                    return false;
                }
                period = new Period((int)months, unit.Time * number);
                return true;
            }
        }
        return false;
    }

    public static Period Parse(string text) =>
        TryParse(text, out var period) ? period : throw new FormatException("Not a length of time such as 90 days.");

    /// <summary>As a policy would write it; what <see cref="Parse"/> reads back.</summary>
    public override string ToString()
    {
        if (Months > 0 && Time == TimeSpan.Zero)
        {
            return Months % 12 == 0 ? Written(Months / 12, "year") : Written(Months, "month");
        }
        if (Months > 0)
        {
            return $"{new Period(Months, TimeSpan.Zero)} and {new Period(0, Time)}";
        }
        foreach (
            var (one, length) in (ReadOnlySpan<(string, TimeSpan)>)
                [("day", TimeSpan.FromDays(1)), ("hour", TimeSpan.FromHours(1)), ("minute", TimeSpan.FromMinutes(1))]
        )
        {
            if (Time.Ticks % length.Ticks == 0)
            {
                return Written(Time.Ticks / length.Ticks, one);
            }
        }
        return Written((long)Time.TotalSeconds, "second");
    }

    private static string Written(long number, string unit) =>
        string.Create(CultureInfo.InvariantCulture, $"{number} {unit}{(number == 1 ? "" : "s")}");
}
