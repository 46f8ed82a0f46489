using Tenet.Kernel.DataMaps;
using Tenet.Kernel.Http;
using Tenet.Kernel.Policies;
using Tenet.Kernel.Postgres;
using Tenet.Kernel.Workspaces;

namespace Tenet.Privacy.Breaches;

/// <param name="Tables">What is concerned; empty: everything that says something about people.</param>
/// <param name="AwareAt">When somebody became aware of it; null: now.</param>
internal sealed record NewBreach(
    string? Title,
    string? What,
    string[]? Tables = null,
    bool IsDrill = false,
    bool IsOperators = false,
    DateTimeOffset? AwareAt = null,
    DateTimeOffset? BeganAt = null,
    DateTimeOffset? EndedAt = null,
    Guid? IncidentId = null
)
{
    /// <summary>The operator's breach that it is a part of, and when the operator became aware of that.</summary>
    public (Guid Id, DateTimeOffset AwareAt)? Operators { get; init; }
}

/// <summary>The register of breaches: opens them, counts who is concerned, and keeps their history.</summary>
internal sealed class BreachRegister(PolicySettings settings, Census census)
{
    public const string Topic = "privacy.breach";
    private const int MaxText = 8_000;

    /// <summary>The tables that say something about people, from the data map.</summary>
    public async Task<IReadOnlyList<SubjectTable>> TablesAsync(CancellationToken ct) =>
        [
            .. (await census.SubjectsAsync(ct))
                .Tenants.Where(table => table.Personal.Any())
                .OrderBy(table => table.Table, StringComparer.Ordinal),
        ];

    /// <exception cref="RuleException">Something is missing or cannot be.</exception>
    public async Task<Guid> OpenAsync(WorkspaceContext ctx, NewBreach breach, CancellationToken ct)
    {
        var known = (await TablesAsync(ct)).Select(table => table.Table).ToList();
        var validation = new Validation();
        var title = validation.Text("title", breach.Title, 200);
        var what = validation.Text("what", breach.What, MaxText);
        var aware = breach.AwareAt ?? ctx.Now;
        validation.Check(aware <= ctx.Now, "awareAt", "Nobody becomes aware of something in the future.");
        validation.Check(breach.BeganAt is null || breach.BeganAt <= aware, "beganAt", "It began before somebody became aware of it.");
        validation.Check((breach.Tables ?? []).All(known.Contains), "tables", "One of these tables says nothing about people.");
        validation.Throw();
        var clock =
            await settings.FindAsync(ctx.WorkspaceId, BreachClock.Kind, BreachClock.Kind, ct)
            ?? throw new InvalidOperationException("No policy in force says when breaches are told. Publish the house rules.");
        var id = Guid.CreateVersion7(ctx.Now);
        string[] tables = breach.Tables is { Length: > 0 } named ? named : [.. known];
        // Of two at once, one waits: numbers have no gaps.
        await LockAsync(ctx, ct);
        await ctx.ExecuteAsync(
            $"""
            insert into privacy.breach (id, number, state, is_drill, is_operators, title, what, tables, began_at, ended_at, incident_id, aware_at,
                                        authority_due_at, customers_due_at, opened_by, operators_id, operators_aware_at)
            select {id}, coalesce(max(number), 0) + 1, 'suspected', {breach.IsDrill}, {breach.IsOperators}, {title}, {what}, {tables},
                   {breach.BeganAt}::timestamptz, {breach.EndedAt}::timestamptz, {breach.IncidentId}::uuid, {aware},
                   {clock.Period("to_authority").After(aware)}, {clock.Period("to_customers").After(breach.Operators?.AwareAt ?? aware)},
                   {ctx.Actor.Id}, {breach.Operators?.Id}::uuid, {breach.Operators?.AwareAt}::timestamptz
              from privacy.breach
            """,
            ct
        );
        if (breach.IncidentId is { } incident && await Incidents.FindAsync(ctx, incident, ct) is { } seen)
        {
            await StepAsync(ctx, id, "incident", $"The promise {seen.PromiseId} was seen broken: {seen.Says}", ct, seen.OpenedAt);
        }
        await StepAsync(ctx, id, "suspected", what, ct);
        await CountAsync(ctx, id, ct);
        ctx.Audit("breach.opened", "breach", id, new { breach.IsDrill, tables = tables.Length });
        ctx.Publish(Topic, id);
        return id;
    }

    public static Task<int> LockAsync(WorkspaceContext ctx, CancellationToken ct) =>
        ctx.ExecuteAsync($"select pg_advisory_xact_lock(hashtextextended({"breach " + ctx.WorkspaceId.ToString("N")}, 0))", ct);

    /// <summary>Goes on to the next state.</summary>
    /// <exception cref="ConflictException">Something has to be said first.</exception>
    public async Task AdvanceAsync(WorkspaceContext ctx, Guid id, string? note, CancellationToken ct)
    {
        var breach = await BreachRows.FindAsync(ctx, id, ct);
        breach.DemandMayGoOn();
        var next = breach.Next!.Value;
        await ctx.ExecuteAsync(
            $"update privacy.breach set state = {next}, closed_at = {(next is BreachState.Closed ? (DateTimeOffset?)ctx.Now : null)}::timestamptz where id = {id}",
            ct
        );
        await StepAsync(ctx, id, SqlValue.Text(next), Note(note), ct);
        ctx.Audit("breach." + SqlValue.Text(next), "breach", id);
        ctx.Publish(Topic, id);
    }

    public async Task DescribeAsync(WorkspaceContext ctx, Guid id, string? measures, string? advice, CancellationToken ct)
    {
        var validation = new Validation();
        var (done, tips) = (validation.Text("measures", measures, MaxText, min: 0), validation.Text("advice", advice, MaxText, min: 0));
        validation.Throw();
        await BreachRows.FindAsync(ctx, id, ct);
        await ctx.ExecuteAsync($"update privacy.breach set measures = {done}, advice = {tips} where id = {id}", ct);
        ctx.Audit("breach.described", "breach", id);
        ctx.Publish(Topic, id);
    }

    /// <summary>Notes that somebody was told, or, of the authority, why nobody need be.</summary>
    /// <param name="reason">Mandatory when the clock is over, and when nobody is told.</param>
    /// <exception cref="RuleException">The reason is missing.</exception>
    public async Task TellAsync(WorkspaceContext ctx, Guid id, BreachNotice notice, string? reason, CancellationToken ct)
    {
        var breach = await BreachRows.FindAsync(ctx, id, ct);
        var due = notice is BreachNotice.Customers ? breach.CustomersDueAt : breach.AuthorityDueAt;
        var isLate = notice is not BreachNotice.People && ctx.Now > due;
        var validation = new Validation();
        var why = validation.Text("reason", reason, MaxText, min: 0);
        validation.Check(
            why.Length >= 10 || (!isLate && notice is not BreachNotice.NotTheAuthority),
            "reason",
            notice is BreachNotice.NotTheAuthority
                ? "Say why a risk to people is unlikely: the authority may ask."
                : "It is late: say why. The authority wants the reasons with the notice."
        );
        validation.Throw();
        Sql change = notice switch
        {
            BreachNotice.Authority => $"authority_told_at = {ctx.Now}, authority_late = {(isLate ? why : null)}::text",
            BreachNotice.NotTheAuthority => $"authority_not_told = {why}",
            BreachNotice.Customers => $"customers_told_at = {ctx.Now}, customers_late = {(isLate ? why : null)}::text",
            _ => $"people_told_at = {ctx.Now}",
        };
        await ctx.ExecuteAsync($"update privacy.breach set {change} where id = {id}", ct);
        await StepAsync(ctx, id, SqlValue.Text(notice), why, ct);
        ctx.Audit("breach.told", "breach", id, new { notice, isLate });
        ctx.Publish(Topic, id);
    }

    /// <summary>Counts the people with rows in the tables concerned, along the subject graph.</summary>
    public async Task<long> CountAsync(WorkspaceContext ctx, Guid id, CancellationToken ct)
    {
        var breach = await BreachRows.FindAsync(ctx, id, ct);
        await RestrictedRows.ShowAsync(ctx, ct);
        var people = await AffectedPeople.CountAsync(ctx, await census.SubjectsAsync(ct), breach.Tables, ct);
        await ctx.ExecuteAsync($"update privacy.breach set people = {people}, counted_at = {ctx.Now} where id = {id}", ct);
        return people;
    }

    private static string Note(string? note) =>
        string.IsNullOrWhiteSpace(note) ? ""
        : note.Length <= MaxText ? note
        : throw new RuleException("note", "At most 8,000 characters.");

    /// <summary>A line of a breach's history.</summary>
    internal static Task StepAsync(
        WorkspaceContext ctx,
        Guid breach,
        string kind,
        string text,
        CancellationToken ct,
        DateTimeOffset? at = null
    ) =>
        ctx.ExecuteAsync(
            $"""
            insert into privacy.breach_step (id, breach_id, at, kind, text, by)
            values ({Guid.CreateVersion7(at ?? ctx.Now)}, {breach}, {at ?? ctx.Now}, {kind}, {text}, {ctx.Actor.Id})
            """,
            ct
        );
}

/// <summary>Who was told of a breach.</summary>
internal enum BreachNotice
{
    Authority,
    NotTheAuthority,
    Customers,
    People,
}
