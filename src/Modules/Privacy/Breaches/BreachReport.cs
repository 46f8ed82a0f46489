using System.Globalization;
using Tenet.Kernel.DataMaps;
using Tenet.Kernel.Postgres;
using Tenet.Privacy.Documents;

namespace Tenet.Privacy.Breaches;

/// <summary>What Article 33(5) GDPR asks to be documented: the facts, the effects and what was done, as PDF.</summary>
internal static class BreachReport
{
    public static byte[] Write(
        Breach breach,
        IReadOnlyList<SubjectTable> tables,
        IReadOnlyList<BreachStep> steps,
        PeopleNotice? notice,
        BreachSender from,
        DateTimeOffset now
    )
    {
        var page = new PdfDocument().Heading((breach.IsDrill ? "Drill: " : "") + $"Breach {breach.Number}: {breach.Title}", 1);
        page.Line("Workspace", from.Workspace)
            .Line("State", SqlValue.Text(breach.State))
            .Line("Where", breach.IsOperators ? "at the operator, the processor" : "in the workspace, the controller")
            .Line("When it happened", BreachDrafts.Span(breach))
            .Line("Operator aware since", breach.OperatorsAwareAt is { } operators ? BreachDrafts.Moment(operators) : "does not apply")
            .Line("Aware since", BreachDrafts.Moment(breach.AwareAt))
            .Line("Authority", Told(breach.AuthorityToldAt, breach.AuthorityDueAt, breach.AuthorityLate, breach.AuthorityNotTold));
        if (breach.IsOperators)
        {
            page.Line("Customers", Told(breach.CustomersToldAt, breach.CustomersDueAt, breach.CustomersLate, null));
        }
        page.Line("People", breach.PeopleToldAt is { } at ? "told on " + BreachDrafts.Moment(at) : "not told")
            .Line("Their notice", notice is null ? "not sent from here" : Sent(notice))
            .Heading("What happened")
            .Paragraph(breach.What)
            .Heading("Who and what is concerned")
            .Line(
                "People",
                breach.People is { } people
                    ? people.ToString("N0", CultureInfo.InvariantCulture) + ", counted " + BreachDrafts.Moment(breach.CountedAt!.Value)
                    : "not counted"
            )
            .Line(
                "Kinds of data",
                string.Join(", ", BreachDrafts.Categories(tables).Select(BreachDrafts.Plain).Distinct(StringComparer.Ordinal))
            )
            .Line("Tables", string.Join(", ", breach.Tables));
        page.Heading("What was done").Paragraph(string.IsNullOrWhiteSpace(breach.Measures) ? "Not written down yet." : breach.Measures);
        page.Heading("History");
        foreach (var step in steps)
        {
            page.Line(BreachDrafts.Moment(step.At), (step.Kind.Replace('_', ' ') + ". " + step.Text).TrimEnd());
        }
        return page.Paragraph($"Written on {BreachDrafts.Moment(now)}.").Write($"Breach {breach.Number}");
    }

    private static string Sent(PeopleNotice notice) =>
        notice.FinishedAt is { } at ? $"{BreachDrafts.Moment(at)}. {SendPeopleNotice.Result(notice)}" : "is being sent";

    private static string Told(DateTimeOffset? told, DateTimeOffset due, string? late, string? notTold) =>
        told is { } at ? $"told on {BreachDrafts.Moment(at)}, due {BreachDrafts.Moment(due)}" + (late is null ? "" : ". Late: " + late)
        : notTold is not null ? "not told: " + notTold
        : $"not told yet, due {BreachDrafts.Moment(due)}";
}
