using System.Globalization;

namespace Tenet.Privacy.Requests;

internal enum TermUnit
{
    Hours,
    Days,
    BusinessDays,
    Months,
}

/// <summary>
/// A length of time in which something has to be done. Months follow Regulation 1182/71: the day of the event is not counted, the term ends with
/// the day of the same number, or with the last day of a shorter month.
/// </summary>
internal readonly record struct Term(int Amount, TermUnit Unit)
{
    private const int Most = 1_000;

    /// <summary>When it ends for what happened at a moment. Days and months of UTC.</summary>
    /// <param name="rolls">Whether a month's end on a holiday or weekend moves to the next working day.</param>
    public DateTimeOffset After(DateTimeOffset moment, IReadOnlySet<DateOnly> holidays, bool rolls = false)
    {
        var at = moment.ToUniversalTime();
        switch (Unit)
        {
            case TermUnit.Hours:
                return at.AddHours(Amount);
            case TermUnit.Days:
                return at.AddDays(Amount);
            case TermUnit.BusinessDays:
                for (var left = Amount; left > 0; )
                {
                    at = at.AddDays(1);
                    left -= IsWorking(DateOnly.FromDateTime(at.Date), holidays) ? 1 : 0;
                }
                return at;
            default:
                var last = DateOnly.FromDateTime(at.Date).AddMonths(Amount);
                while (rolls && !IsWorking(last, holidays))
                {
                    last = last.AddDays(1);
                }
                // The last hour of the day: what is due is late from midnight on.
                return new DateTimeOffset(last.AddDays(1), TimeOnly.MinValue, TimeSpan.Zero).AddMilliseconds(-1);
        }
    }

    /// <summary>Reads <c>48 hours</c>, <c>7 business days</c>, <c>30 days</c>, <c>1 month</c>.</summary>
    public static Term? Parse(string text)
    {
        var parts = text.Split(' ', 2);
        if (
            parts.Length != 2
            || !int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var amount)
            || amount is < 1 or > Most
        )
        {
            return null;
        }
        return (parts[1].EndsWith('s') == (amount > 1) ? parts[1].TrimEnd('s') : "") switch
        {
            "hour" => new Term(amount, TermUnit.Hours),
            "day" => new Term(amount, TermUnit.Days),
            "business day" => new Term(amount, TermUnit.BusinessDays),
            "month" => new Term(amount, TermUnit.Months),
            _ => null,
        };
    }

    /// <summary>For comparing only: of business days there are five in seven, a month has 30.44 days.</summary>
    public double Days =>
        Unit switch
        {
            TermUnit.Hours => Amount / 24.0,
            TermUnit.Days => Amount,
            TermUnit.BusinessDays => Amount * 7 / 5.0,
            _ => Amount * 365.2425 / 12,
        };

    private static bool IsWorking(DateOnly day, IReadOnlySet<DateOnly> holidays) =>
        day.DayOfWeek is not (DayOfWeek.Saturday or DayOfWeek.Sunday) && !holidays.Contains(day);
}
