using System.Text;

namespace Tenet.Privacy.Records;

/// <summary>The record as a table: RFC 4180, a line for each purpose.</summary>
internal static class ProcessingCsv
{
    private static readonly string[] Head =
    [
        "role",
        "purpose",
        "title",
        "legal basis",
        "data subjects",
        "categories of personal data",
        "retention",
        "recipients",
        "tables",
        "sealed columns",
    ];

    public static string Write(ProcessingRecords records)
    {
        var text = new StringBuilder("\uFEFF");
        Line(text, Head);
        foreach (var (role, activities) in new[] { ("controller", records.AsController), ("processor", records.AsProcessor) })
        {
            foreach (var activity in activities)
            {
                Line(
                    text,
                    [
                        role,
                        activity.Purpose,
                        activity.Title,
                        activity.LegalBasis ?? "",
                        string.Join("; ", activity.Subjects),
                        string.Join("; ", activity.Categories),
                        string.Join("; ", activity.Retention),
                        string.Join("; ", activity.Recipients),
                        string.Join("; ", activity.Tables),
                        activity.SealedColumns.ToString(System.Globalization.CultureInfo.InvariantCulture),
                    ]
                );
            }
        }
        return text.ToString();
    }

    private static void Line(StringBuilder text, IEnumerable<string> fields) => text.AppendJoin(',', fields.Select(Field)).Append("\r\n");

    // A field that begins like a formula would be one in a spreadsheet.
    private static string Field(string value) =>
        $"\"{(value.Length > 0 && "=+-@\t\r".Contains(value[0], StringComparison.Ordinal) ? "'" : "")}{value.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}
