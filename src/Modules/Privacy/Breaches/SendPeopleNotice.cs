using System.Globalization;
using Tenet.Kernel.DataMaps;
using Tenet.Kernel.Jobs;
using Tenet.Kernel.Mail;
using Tenet.Kernel.Postgres;
using Tenet.Kernel.Workspaces;
using Tenet.Privacy.Requests;

namespace Tenet.Privacy.Breaches;

/// <summary>
/// Sends the notice of a breach in batches. A letter is queued in the transaction that marks its person, so that a killed run goes on with those who
/// have none, and nobody gets two. In a drill it does all that and writes no letter.
/// </summary>
internal sealed class SendPeopleNotice(WorkspaceScope door, Census census, BreachRegister register, Mailer mailer, OperatorOptions options)
    : IJob
{
    public const string Kind = "privacy.people_notice";
    private const int BatchSize = 200;

    public async Task RunAsync(JobRun job, CancellationToken ct)
    {
        // A notice that the law demands is no use of data that somebody could restrict.
        using var all = RestrictedRows.Show();
        while (await door.RunAsync(job.WorkspaceId, Actor.System, ctx => GoOnAsync(ctx, job.SubjectId, ct), ct)) { }
    }

    /// <returns>Whether there is more to do.</returns>
    private async Task<bool> GoOnAsync(WorkspaceContext ctx, Guid id, CancellationToken ct)
    {
        if (await PeopleNotice.HoldAsync(ctx, id, ct) is not { State: not NoticeState.Done } notice)
        {
            return false;
        }
        ctx.Publish(BreachRegister.Topic, notice.BreachId);
        var graph = await census.SubjectsAsync(ct);
        if (notice.State is NoticeState.Gathering)
        {
            await GatherAsync(ctx, graph, notice, ct);
            return true;
        }
        var persons = (
            await ctx.ListAsync(
                $"""
                select person_id from privacy.notice_recipient
                 where notice_id = {id} and sent_at is null order by person_id limit {BatchSize} for update
                """,
                row => row.GetGuid(0),
                ct
            )
        ).ToArray();
        if (persons.Length == 0)
        {
            await EndAsync(ctx, notice, ct);
            return false;
        }
        await SendAsync(ctx, graph, notice, persons, ct);
        return true;
    }

    private static async Task GatherAsync(WorkspaceContext ctx, SubjectGraph graph, PeopleNotice notice, CancellationToken ct)
    {
        var people = await AffectedPeople.CountAsync(ctx, graph, notice.Tables, ct);
        var addresses = await NoticeAddresses.GatherAsync(ctx, graph, notice, ct);
        await ctx.ExecuteAsync(
            $"update privacy.people_notice set state = 'sending', people = {people}, addresses = {addresses} where id = {notice.Id}",
            ct
        );
    }

    private async Task SendAsync(WorkspaceContext ctx, SubjectGraph graph, PeopleNotice notice, Guid[] persons, CancellationToken ct)
    {
        var tables = (await register.TablesAsync(ct)).Where(table => notice.Tables.Contains(table.Table)).ToList();
        var from = await BreachServices.SenderAsync(ctx, options, ct);
        var otherwise = await ctx.ScalarAsync<string>($"select language from kernel.workspace", ct);
        var reached = await NoticeAddresses.OfAsync(ctx, graph, persons, ct);
        if (!notice.IsDrill)
        {
            foreach (var (_, address, language) in reached)
            {
                var texts = RequestTexts.Of(language ?? otherwise);
                var text = PeopleNoticeText.Write(texts, notice.What, notice.Measures, notice.Advice, tables, from);
                mailer.Send(ctx, new Letter(address, PeopleNoticeText.Subject(texts, from), text));
            }
        }
        Guid[] sent = [.. reached.Select(one => one.Person)];
        await ctx.ExecuteAsync(
            $"update privacy.notice_recipient set sent_at = {ctx.Now} where notice_id = {notice.Id} and person_id = any({sent})",
            ct
        );
        var gone = await ctx.ExecuteAsync(
            $"delete from privacy.notice_recipient where notice_id = {notice.Id} and sent_at is null and person_id = any({persons})",
            ct
        );
        await ctx.ExecuteAsync(
            $"update privacy.people_notice set sent = sent + {sent.Length}, gone = gone + {gone} where id = {notice.Id}",
            ct
        );
    }

    private static async Task EndAsync(WorkspaceContext ctx, PeopleNotice notice, CancellationToken ct)
    {
        await ctx.ExecuteAsync($"update privacy.people_notice set state = 'done', finished_at = {ctx.Now} where id = {notice.Id}", ct);
        await ctx.ExecuteAsync(
            $"update privacy.breach set people_told_at = coalesce(people_told_at, {ctx.Now}) where id = {notice.BreachId}",
            ct
        );
        await BreachRegister.StepAsync(ctx, notice.BreachId, SqlValue.Text(BreachNotice.People), Result(notice), ct);
        ctx.Audit("breach.notice_sent", "breach", notice.BreachId, new { notice.Sent, notice.IsDrill });
    }

    /// <summary>What came of it, in numbers.</summary>
    public static string Result(PeopleNotice notice)
    {
        static string Number(long value) => value.ToString("N0", CultureInfo.InvariantCulture);
        // Who was erased in between is not a letter that failed.
        var lost = notice.Addresses - notice.Sent;
        return $"Letters {(notice.IsDrill ? "that would have been sent, were this no drill" : "handed to the mail relay")}: {Number(notice.Sent)}. "
            + $"People concerned: {Number(notice.People)}, with {Number(notice.Addresses)} different addresses"
            + (lost > 0 ? $", of which {Number(lost)} were gone before their turn came." : ".");
    }
}
