using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Tenet.Kernel.DataMaps;

namespace Tenet.Privacy.Exports;

/// <summary>The readable page of a person's copy: tables of values as text, no script, nothing from outside.</summary>
internal static class PersonPage
{
    /// <summary>Of one table; the rest is in the JSON.</summary>
    public const int MostRows = 1_000;

    public const string Foot = "</main></body></html>\n";

    public static string Head(DateTimeOffset now) =>
        $$"""
            <!doctype html>
            <html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
            <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
            <title>Your data</title>
            <style>
            :root{color-scheme:light dark}body{font:16px/1.5 system-ui,sans-serif;margin:0 auto;max-width:70rem;padding:1.5rem}
            h2{margin-top:2.5rem}.scroll{overflow-x:auto}table{border-collapse:collapse;font-size:.875rem}
            th,td{text-align:left;vertical-align:top;padding:.4rem .75rem;border-bottom:1px solid #8884}td{max-width:40rem;overflow-wrap:anywhere}
            </style></head><body><main>
            <h1>Your data</h1>
            <p>All that is held of you, as of {{now.ToString(
                "d MMMM yyyy, HH:mm 'UTC'",
                CultureInfo.InvariantCulture
            )}}. The file person.json holds the same
            for programs; files that you sent stand in the folder files.</p>

            """;

    public static string Table(TableMap table, IReadOnlyList<JsonObject> rows, long count)
    {
        if (count == 0)
        {
            return "";
        }
        var html = new StringBuilder();
        html.Append(
            CultureInfo.InvariantCulture,
            $"<h2>{Text(table.Table)}</h2><p>{count:N0} {(count == 1 ? "row" : "rows")}, kept for {Text(table.Purpose)}."
        );
        html.Append(count > rows.Count ? $" The first {rows.Count:N0} are shown; person.json holds all.</p>" : "</p>");
        var columns = rows[0].Select(value => value.Key).ToList();
        html.Append("<div class=\"scroll\"><table><thead><tr>").AppendJoin("", columns.Select(column => $"<th>{Text(column)}</th>"));
        html.Append("</tr></thead><tbody>");
        foreach (var row in rows)
        {
            html.Append("<tr>").AppendJoin("", columns.Select(column => $"<td>{Text(row[column]?.ToString() ?? "")}</td>")).Append("</tr>");
        }
        return html.Append("</tbody></table></div>\n").ToString();
    }

    private static string Text(string text) => WebUtility.HtmlEncode(text);
}
