using System.Globalization;
using System.Text;
using Tenet.Kernel.DataMaps;
using Tenet.Privacy.Requests;

namespace Tenet.Privacy.Breaches;

/// <summary>What a notice says beside the breach itself: who it is from, and whom to ask.</summary>
internal sealed record BreachSender(string Workspace, string Contact, string? Officer);

/// <summary>
/// Drafts of the notices, from what the register knows. To the authority: Article 33(3) GDPR. To people: Article 34(2), in plain words, what
/// happened, which data, what is done, what they can do, and whom to ask.
/// </summary>
internal static class BreachDrafts
{
    public static string ToAuthority(Breach breach, IEnumerable<SubjectTable> tables, BreachSender from)
    {
        var text = new StringBuilder();
        Head(text, breach);
        text.AppendLine("Notification of a personal data breach under Article 33 GDPR").AppendLine();
        Line(text, "Controller", from.Workspace);
        Line(text, "Contact", from.Officer is { } officer ? $"{officer}, {from.Contact}" : from.Contact);
        Line(text, "Aware since", Moment(breach.AwareAt));
        Line(text, "When it happened", Span(breach));
        text.AppendLine().AppendLine("1. Nature of the breach").AppendLine(breach.What).AppendLine();
        text.AppendLine("2. Data and people concerned");
        Line(text, "People, approximately", breach.People?.ToString("N0", CultureInfo.InvariantCulture) ?? "not counted yet");
        Line(text, "Categories of data", string.Join(", ", Categories(tables)));
        Line(text, "Purposes", string.Join(", ", tables.Select(table => table.Map.Purpose).Distinct(StringComparer.Ordinal)));
        text.AppendLine()
            .AppendLine("3. Likely consequences")
            .AppendLine("[to be written: what this may mean for the people concerned]")
            .AppendLine();
        text.AppendLine("4. Measures").AppendLine(Or(breach.Measures, "[to be written: what was done and is planned]"));
        if (breach.AuthorityLate is { } late)
        {
            text.AppendLine().AppendLine("5. Reasons for the delay").AppendLine(late);
        }
        return text.ToString();
    }

    public static string ToPeople(Breach breach, IEnumerable<SubjectTable> tables, BreachSender from, RequestTexts? texts = null)
    {
        var text = new StringBuilder();
        Head(text, breach);
        text.Append(
            PeopleNoticeText.Write(
                texts ?? RequestTexts.Of("en"),
                breach.What,
                Or(breach.Measures, "[to be written]"),
                Or(breach.Advice, "[to be written]"),
                tables,
                from
            )
        );
        return text.ToString();
    }

    private static void Head(StringBuilder text, Breach breach)
    {
        if (breach.IsDrill)
        {
            text.AppendLine("DRILL. This did not happen, and nobody outside is told.").AppendLine();
        }
    }

    private static void Line(StringBuilder text, string term, string value) =>
        text.AppendLine(CultureInfo.InvariantCulture, $"{term}: {value}");

    public static IEnumerable<string> Categories(IEnumerable<SubjectTable> tables) =>
        tables
            .SelectMany(table => table.Personal)
            .Select(column => column.Category!)
            .Distinct(StringComparer.Ordinal)
            .Order(StringComparer.Ordinal);

    /// <summary>A category in words that everybody knows.</summary>
    public static string Plain(string category) =>
        category switch
        {
            Category.Name => "name",
            Category.Email => "e-mail address",
            Category.Phone => "phone number",
            Category.Address => "address",
            Category.UniqueId or Category.Pseudonym => "an identifier",
            Category.Credentials => "what signs you in, in a form that cannot be read back",
            Category.IpAddress => "IP address",
            Category.Device => "device and browser",
            Category.BrowsingHistory => "pages you looked at",
            Category.Content => "what you wrote",
            Category.Feedback => "your ratings",
            Category.Notes => "notes about you",
            Category.Language => "language",
            _ => category,
        };

    public static string Span(Breach breach) => Span(breach.BeganAt, breach.EndedAt);

    public static string Span(DateTimeOffset? from, DateTimeOffset? to) =>
        (from, to) switch
        {
            ({ } began, { } ended) => $"{Moment(began)} to {Moment(ended)}",
            ({ } began, null) => $"since {Moment(began)}, as far as is known",
            (null, { } ended) => $"until {Moment(ended)}; the beginning is not known",
            _ => "not known yet",
        };

    public static string Moment(DateTimeOffset at) => at.ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture);

    private static string Or(string? text, string otherwise) => string.IsNullOrWhiteSpace(text) ? otherwise : text;
}
