using System.Globalization;
using Tenet.Kernel.Postgres;
using Tenet.Privacy.Documents;

namespace Tenet.Privacy.Breaches;

/// <summary>A breach over all its workspaces, as PDF: for the operator only.</summary>
internal static class OperatorBreachReport
{
    public static byte[] Write(OperatorBreachSheet sheet, OperatorOptions options, DateTimeOffset now)
    {
        var (breach, told) = (sheet.Breach, sheet.Parts.Where(one => one.Part.ToldAt is not null).ToList());
        var page = new PdfDocument()
            .Heading((breach.IsDrill ? "Drill: " : "") + $"Breach {breach.Number} of the operator: {breach.Title}", 1)
            .Line("Processor", options.Name ?? "the operator of this installation")
            .Line("State", SqlValue.Text(breach.State))
            .Line("When it happened", BreachDrafts.Span(breach.BeganAt, breach.EndedAt))
            .Line("Aware since", BreachDrafts.Moment(breach.AwareAt))
            .Line("Workspaces", Count(sheet.Parts.Count) + ", " + Count(told.Count) + " of them told")
            .Line("People", Count(sheet.Parts.Sum(one => one.Part.People ?? 0)) + ", counted in each workspace by itself")
            .Line(
                "Kinds of data",
                string.Join(
                    ", ",
                    sheet.Parts.SelectMany(one => one.Part.Categories ?? []).Select(BreachDrafts.Plain).Distinct(StringComparer.Ordinal)
                )
            )
            .Line("Tables", string.Join(", ", breach.Tables))
            .Heading("What happened")
            .Paragraph(breach.What)
            .Heading("What was done")
            .Paragraph(string.IsNullOrWhiteSpace(breach.Measures) ? "Not written down yet." : breach.Measures);
        if (!string.IsNullOrWhiteSpace(breach.Late))
        {
            page.Heading("Why customers were told late").Paragraph(breach.Late);
        }
        page.Heading("Workspaces");
        foreach (var (slug, part) in sheet.Parts)
        {
            page.Line(slug, Said(part, breach.IsDrill));
        }
        page.Heading("History");
        foreach (var step in sheet.Steps)
        {
            page.Line(BreachDrafts.Moment(step.At), $"{step.Kind}. {step.Text}".TrimEnd());
        }
        return page.Paragraph($"Written on {BreachDrafts.Moment(now)}.").Write($"Breach {breach.Number} of the operator");
    }

    /// <summary>What became of a workspace's part, in one line.</summary>
    public static string Said(OperatorBreachPart part, bool isDrill) =>
        part.CountedAt is null ? "not looked at yet"
        : part.HasNothing ? "has nothing in these tables"
        : Count(part.People ?? 0)
            + " people, "
            + (
                part.ToldAt is { } told
                    ? $"told on {BreachDrafts.Moment(told)}, due {BreachDrafts.Moment(part.DueAt!.Value)}"
                        + (told > part.DueAt ? ", late" : "")
                : isDrill ? "would be told"
                : "not told yet"
            );

    private static string Count(long number) => number.ToString("N0", CultureInfo.InvariantCulture);
}
