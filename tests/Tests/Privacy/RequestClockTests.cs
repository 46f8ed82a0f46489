using System.Globalization;
using Shouldly;
using Tenet.Privacy.Requests;
using Xunit;

namespace Tenet.Tests.Privacy;

public sealed class RequestClockTests
{
    private static readonly HashSet<DateOnly> NoHolidays = [];

    [Theory]
    // The day of the same number; the last day of a shorter month; a weekend's end moves to Monday (Regulation 1182/71).
    [InlineData("1 month", "2026-11-05T10:00:00Z", "2026-12-07")]
    [InlineData("1 month", "2026-01-30T10:00:00Z", "2026-03-02")]
    [InlineData("3 months", "2026-11-30T10:00:00Z", "2027-03-01")]
    [InlineData("1 month", "2028-01-31T10:00:00Z", "2028-02-29")]
    public void Months_follow_the_calendar(string term, string from, string last)
    {
        var end = Term.Parse(term)!.Value.After(At(from), NoHolidays, rolls: true);

        end.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture).ShouldBe(last + " 23:59");
    }

    [Theory]
    [InlineData("48 hours", "2026-11-20T10:00:00Z", "2026-11-22T10:00:00Z")]
    [InlineData("45 days", "2026-11-20T10:00:00Z", "2027-01-04T10:00:00Z")]
    // Friday: seven business days are a week and two days of the next.
    [InlineData("7 business days", "2026-11-20T10:00:00Z", "2026-12-01T10:00:00Z")]
    [InlineData("10 business days", "2026-11-21T10:00:00Z", "2026-12-04T10:00:00Z")]
    public void Hours_days_and_business_days_are_counted(string term, string from, string to) =>
        Term.Parse(term)!.Value.After(At(from), NoHolidays).ShouldBe(At(to));

    [Fact]
    public void A_holiday_is_no_business_day() =>
        Term.Parse("1 business day")!
            .Value.After(At("2026-12-24T10:00:00Z"), new HashSet<DateOnly> { new(2026, 12, 25) })
            .ShouldBe(At("2026-12-28T10:00:00Z"));

    [Theory]
    [InlineData("0 days")]
    [InlineData("1 days")]
    [InlineData("2 day")]
    [InlineData("-3 days")]
    [InlineData("7  business days")]
    [InlineData("7 businesses days")]
    [InlineData("1000000 hours")]
    [InlineData("soon")]
    [InlineData("")]
    public void What_is_no_term_is_refused(string text) => Term.Parse(text).ShouldBeNull();

    [Fact]
    public void Every_language_has_every_text()
    {
        var english = RequestTexts.Of("en").Keys.Order(StringComparer.Ordinal).ToList();

        foreach (var language in RequestTexts.Languages)
        {
            RequestTexts.Of(language).Keys.Order(StringComparer.Ordinal).SequenceEqual(english).ShouldBeTrue(language);
        }
        RequestTexts.Accepted("xx, fr-CH;q=0.9, en;q=0.8").Language.ShouldBe("fr");
        RequestTexts.Accepted(null).Language.ShouldBe("en");
    }

    [Fact]
    public void What_a_person_wrote_is_never_a_place() =>
        RequestTexts.Of("en").Fill("page.confirm.lead", ("workspace", "{kind}"), ("kind", "x")).ShouldContain("asked {kind}, with");

    private static DateTimeOffset At(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture);
}
