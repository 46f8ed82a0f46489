using System.Text;
using AngleSharp.Dom;
using AngleSharp.Html.Dom;

namespace Tenet.Knowledge.Documents;

/// <summary>Tables of data, told apart from tables that lay out a page.</summary>
internal static class HtmlTable
{
    public static bool IsData(IElement element)
    {
        if (element is not IHtmlTableElement table || table.GetAttribute("role") is "presentation" or "none")
            return false;
        if (element.QuerySelector("table, h1, h2, h3, h4") is not null)
            return false;
        return element.QuerySelector("th, caption, thead") is not null
            || (table.Rows.Length > 1 && table.Rows.All(row => row.Cells.Length > 1));
    }

    public static string Rows(IElement table)
    {
        var text = new StringBuilder();
        foreach (var row in ((IHtmlTableElement)table).Rows)
        {
            var cells = row.Cells.Select(HtmlText.Inline).ToList();
            if (cells.TrueForAll(c => c.Length == 0))
                continue;
            if (text.Length > 0)
                text.Append('\n');
            text.AppendJoin(" | ", cells);
        }
        return text.ToString();
    }
}
