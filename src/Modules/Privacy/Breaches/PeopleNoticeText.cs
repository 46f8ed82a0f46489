using Tenet.Kernel.DataMaps;
using Tenet.Privacy.Requests;

namespace Tenet.Privacy.Breaches;

/// <summary>
/// The notice to people in their language, around the words of the register: what happened, which data, what is done, what they can do, and whom to
/// ask (Article 34(2) GDPR).
/// </summary>
internal static class PeopleNoticeText
{
    public static string Subject(RequestTexts texts, BreachSender from) => texts.Fill("breach.subject", ("workspace", from.Workspace));

    public static string Write(
        RequestTexts texts,
        string what,
        string measures,
        string advice,
        IEnumerable<SubjectTable> tables,
        BreachSender from
    ) =>
        texts
            .Fill(
                "breach.text",
                ("workspace", from.Workspace),
                ("what", what.Trim()),
                ("data", string.Join(", ", Kinds(texts, tables))),
                ("measures", measures.Trim()),
                ("advice", advice.Trim()),
                ("contact", from.Officer is { } officer ? $"{officer}, {from.Contact}" : from.Contact)
            )
            .TrimEnd();

    /// <summary>The kinds of data in words that everybody knows, in their language.</summary>
    private static IEnumerable<string> Kinds(RequestTexts texts, IEnumerable<SubjectTable> tables) =>
        BreachDrafts
            .Categories(tables)
            .Select(category => texts.Keys.Contains("data." + category, StringComparer.Ordinal) ? texts["data." + category] : category)
            .Distinct(StringComparer.Ordinal);
}
