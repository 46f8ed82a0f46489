using Tenet.Accounts;
using Tenet.Kernel.DataMaps;
using Tenet.Kernel.Mail;
using Tenet.Kernel.Policies;
using Tenet.Kernel.Postgres;
using Tenet.Kernel.Workspaces;
using Tenet.Privacy.Notices;

namespace Tenet.Privacy.Breaches;

/// <summary>
/// Tells one workspace of breaches at the operator: its own part goes into its register, and its owners and admins get a letter. May be done again
/// at any time: what was told is told once.
/// </summary>
internal sealed class TellCustomer(
    WorkspaceScope door,
    SystemScope system,
    Census census,
    BreachRegister register,
    Mailer mailer,
    PublicAddress address,
    OperatorOptions options
)
{
    private const string Step = "operator";

    /// <summary>With each round of the probes: what the operator's command did not come to.</summary>
    public async Task RunAsync(Guid workspaceId, Policy policy, CancellationToken ct)
    {
        foreach (var breach in await system.RunAsync(s => OperatorBreachRows.PendingAsync(s, workspaceId, ct), ct))
        {
            await TellAsync(breach, workspaceId, ct);
        }
    }

    public async Task TellAsync(OperatorBreach breach, Guid workspaceId, CancellationToken ct)
    {
        var (steps, isNamed) = await system.RunAsync(
            async s =>
                (
                    await OperatorBreachRows.StepsAsync(s, breach.Id, ct),
                    await OperatorBreachRows.IsNamedAsync(s, breach.Id, workspaceId, ct)
                ),
            ct
        );
        var told = await door.RunAsync(workspaceId, Actor.Operator, ctx => TellAsync(ctx, breach, steps, isNamed, ct), ct);
        await system.RunAsync(
            s =>
                s.ExecuteAsync(
                    $"""
                    update privacy.operator_breach_part
                       set people = {told.People}, categories = {told.Categories}, counted_at = {s.Now}, due_at = {told.DueAt}::timestamptz,
                           told_at = {told.At}::timestamptz, told_of = {breach.ChangedAt}, is_named = is_named and not {told.IsGone}
                     where breach_id = {breach.Id} and concerned = {workspaceId}
                    """,
                    ct
                ),
            ct
        );
    }

    private async Task<Told> TellAsync(
        WorkspaceContext ctx,
        OperatorBreach breach,
        List<OperatorBreachStep> steps,
        bool isNamed,
        CancellationToken ct
    )
    {
        // The lock of the register: of two at once, one waits and then finds what the other told.
        await BreachRegister.LockAsync(ctx, ct);
        if (await ctx.ScalarAsync<bool>($"select purging_at is not null from kernel.workspace", ct))
        {
            return new Told(0, [], null, null, true);
        }
        await RestrictedRows.ShowAsync(ctx, ct);
        var graph = await census.SubjectsAsync(ct);
        var tables = await HeldAsync(ctx, graph, breach.Tables, ct);
        var people = await AffectedPeople.CountAsync(ctx, graph, [.. tables.Select(table => table.Table)], ct);
        var told = new Told(people, [.. BreachDrafts.Categories(tables)], null, null, false);
        if (breach.IsDrill || (tables.Count == 0 && !isNamed))
        {
            return told;
        }
        var part = await BreachRows.OfOperatorAsync(ctx, breach.Id, ct);
        if (part is null)
        {
            part = await OpenAsync(ctx, breach, tables, ct);
            await GoOnAsync(ctx, part, breach, steps, ct);
            await WriteAsync(ctx, to => Notice(to, part, told), ct);
        }
        else if (await GoOnAsync(ctx, part, breach, steps, ct) is { Count: > 0 } news)
        {
            await WriteAsync(ctx, to => News(to, part, news), ct);
        }
        return told with { DueAt = part.CustomersDueAt, At = part.CustomersToldAt };
    }

    private async Task<Breach> OpenAsync(
        WorkspaceContext ctx,
        OperatorBreach breach,
        IReadOnlyList<SubjectTable> tables,
        CancellationToken ct
    )
    {
        string[] concerned = tables.Count > 0 ? [.. tables.Select(table => table.Table)] : breach.Tables;
        var id = await register.OpenAsync(
            ctx,
            new NewBreach(breach.Title, breach.What, concerned, IsOperators: true, BeganAt: breach.BeganAt, EndedAt: breach.EndedAt)
            {
                Operators = (breach.Id, breach.AwareAt),
            },
            ct
        );
        await ctx.ExecuteAsync($"update privacy.breach set customers_told_at = {ctx.Now} where id = {id}", ct);
        await BreachRegister.StepAsync(ctx, id, Step, "The operator told this workspace of it, by letter to its owners and admins.", ct);
        return await BreachRows.FindAsync(ctx, id, ct);
    }

    /// <returns>What the workspace's history did not say yet.</returns>
    private static async Task<List<OperatorBreachStep>> GoOnAsync(
        WorkspaceContext ctx,
        Breach part,
        OperatorBreach breach,
        IEnumerable<OperatorBreachStep> steps,
        CancellationToken ct
    )
    {
        var news = new List<OperatorBreachStep>();
        foreach (var step in steps.Where(step => step.Kind != SqlValue.Text(BreachState.Suspected)))
        {
            var written = await ctx.ExecuteAsync(
                $"""
                insert into privacy.breach_step (id, breach_id, at, kind, text)
                values ({step.Id}, {part.Id}, {step.At}, {Step}, {Line(step)}) on conflict do nothing
                """,
                ct
            );
            if (written == 1)
            {
                news.Add(step);
            }
        }
        // The last word is the workspace's own.
        var state = breach.State < BreachState.Mitigated ? breach.State : BreachState.Mitigated;
        await ctx.ExecuteAsync(
            $"""
            update privacy.breach
               set state = {(part.State < state ? state : part.State)}, measures = coalesce(nullif(measures, ''), {breach.Measures}),
                   customers_late = case when customers_told_at > customers_due_at then {breach.Late} end
             where id = {part.Id}
            """,
            ct
        );
        ctx.Publish(BreachRegister.Topic, part.Id);
        return news;
    }

    private static async Task<List<SubjectTable>> HeldAsync(
        WorkspaceContext ctx,
        SubjectGraph graph,
        IReadOnlyCollection<string> chosen,
        CancellationToken ct
    )
    {
        var held = new List<SubjectTable>();
        foreach (var table in graph.Tenants.Where(table => chosen.Contains(table.Table, StringComparer.Ordinal)))
        {
            if (await ctx.ScalarAsync<bool>($"select exists (select from {Sql.Constant(table.Table)})", ct))
            {
                held.Add(table);
            }
        }
        return held;
    }

    private static string Line(OperatorBreachStep step) =>
        step.Kind switch
        {
            OperatorBreaches.Measures => "What the operator did about it: " + step.Text,
            OperatorBreaches.Reason => "Why the operator told it late: " + step.Text,
            _ => $"It is {step.Kind}. {step.Text}".TrimEnd(),
        };

    private async Task WriteAsync(WorkspaceContext ctx, Func<string, Letter> write, CancellationToken ct)
    {
        foreach (var person in await Responsible.ListAsync(ctx, ct))
        {
            mailer.Send(ctx, write(person.Email));
        }
    }

    private Letter Notice(string to, Breach part, Told told) =>
        new(
            to,
            $"A breach of personal data concerns your workspace: {part.Title}",
            $"""
            {options.Name
                ?? "The operator of this installation"} processes data for your workspace, and has to tell you of this (Article 33(2) GDPR).

            What happened
            {part.What}

            Which data
            {string.Join(", ", told.Categories.Select(BreachDrafts.Plain).Distinct(StringComparer.Ordinal))}

            People concerned in your workspace, counted now
            {told.People}

            You are responsible for their data. Whether the authority and the people are to be told is yours to decide; for the authority the time ends on
            {BreachDrafts.Moment(part.AuthorityDueAt)}. The register has drafts of both notices, and what else becomes known:

            {Link(part)}
            """
        );

    private Letter News(string to, Breach part, IEnumerable<OperatorBreachStep> news) =>
        new(
            to,
            $"News of the breach {part.Number}: {part.Title}",
            $"""
            {string.Join("\n\n", news.Select(Line))}

            Everything that is known so far:

            {Link(part)}
            """
        );

    private Uri Link(Breach part) => new(address.Own, "/breaches/" + part.Id);

    /// <param name="IsGone">The workspace's deletion has begun: it holds nothing any more, and nobody can be told.</param>
    private sealed record Told(long People, string[] Categories, DateTimeOffset? DueAt, DateTimeOffset? At, bool IsGone);
}
