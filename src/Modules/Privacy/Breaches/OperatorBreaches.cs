using Tenet.Kernel.Http;
using Tenet.Kernel.Postgres;
using Tenet.Kernel.Workspaces;

namespace Tenet.Privacy.Breaches;

/// <param name="Workspaces">Short names; empty: all there are.</param>
/// <param name="Data">Tables, or schemas for all their tables; empty: everything that says something about people.</param>
/// <param name="AwareAt">When the operator became aware; null: now.</param>
public sealed record NewOperatorBreach(
    string Title,
    string What,
    IReadOnlyList<string> Workspaces,
    IReadOnlyList<string> Data,
    bool IsDrill = false,
    DateTimeOffset? AwareAt = null,
    DateTimeOffset? BeganAt = null,
    DateTimeOffset? EndedAt = null,
    string? Late = null
);

/// <summary>A breach with its history and its workspaces, by their short names: for the operator's eyes only.</summary>
public sealed record OperatorBreachSheet(
    OperatorBreach Breach,
    IReadOnlyList<OperatorBreachStep> Steps,
    IReadOnlyList<(string Slug, OperatorBreachPart Part)> Parts
);

/// <summary>The operator's own register: breaches that concern several workspaces, each told of its own part.</summary>
public sealed class OperatorBreaches
{
    /// <summary>Kinds of steps beside the states.</summary>
    internal const string Measures = "measures";
    internal const string Reason = "told late";

    private const int MaxText = 8_000;

    private readonly SystemScope _system;
    private readonly BreachRegister _register;
    private readonly TellCustomer _tell;
    private readonly OperatorOptions _options;

    internal OperatorBreaches(SystemScope system, BreachRegister register, TellCustomer tell, OperatorOptions options) =>
        (_system, _register, _tell, _options) = (system, register, tell, options);

    public Task<List<OperatorBreach>> ListAsync(CancellationToken ct) => _system.RunAsync(s => OperatorBreachRows.ListAsync(s, ct), ct);

    /// <exception cref="NotFoundException">There is no such breach.</exception>
    public Task<OperatorBreachSheet> FindAsync(int number, CancellationToken ct) =>
        _system.RunAsync(
            async s =>
            {
                var breach = await OperatorBreachRows.FindAsync(s, number, ct);
                return new OperatorBreachSheet(
                    breach,
                    await OperatorBreachRows.StepsAsync(s, breach.Id, ct),
                    await OperatorBreachRows.PartsAsync(s, breach.Id, ct)
                );
            },
            ct
        );

    /// <summary>Writes it down. Nobody is told before <see cref="TellAsync"/>.</summary>
    /// <returns>Its number.</returns>
    /// <exception cref="RuleException">Something is missing or cannot be.</exception>
    public async Task<int> OpenAsync(NewOperatorBreach breach, CancellationToken ct)
    {
        var known = (await _register.TablesAsync(ct)).Select(table => table.Table).ToList();
        var tables = known
            .Where(table => breach.Data.Count == 0 || breach.Data.Any(named => table == named || table.Split('.')[0] == named))
            .ToArray();
        var validation = new Validation();
        var (title, what) = (validation.Text("title", breach.Title, 200), validation.Text("what", breach.What, MaxText));
        validation.Check(
            breach.Data.All(named => known.Any(table => table == named || table.Split('.')[0] == named)),
            "data",
            "One of these says nothing about people. Known are: " + string.Join(", ", known)
        );
        return await _system.RunAsync(
            async s =>
            {
                var aware = breach.AwareAt ?? s.Now;
                validation.Check(aware <= s.Now, "aware", "Nobody becomes aware of something in the future.");
                validation.Check(
                    breach.BeganAt is null || breach.BeganAt <= aware,
                    "began",
                    "It began before somebody became aware of it."
                );
                var concerned = await s.ListAsync(
                    $"select id, slug from kernel.workspace where purging_at is null",
                    row => (Id: row.GetGuid(0), Slug: row.GetString(1)),
                    ct
                );
                var slugs = concerned.Select(workspace => workspace.Slug).ToHashSet(StringComparer.Ordinal);
                validation.Check(breach.Workspaces.All(slugs.Contains), "workspace", "There is no workspace of one of these names.");
                validation.Throw();
                var id = Guid.CreateVersion7(s.Now);
                await s.ExecuteAsync($"select pg_advisory_xact_lock(hashtextextended('breach of the operator', 0))", ct);
                var number = await s.ScalarAsync<int>(
                    $"""
                    insert into privacy.operator_breach (id, number, state, is_drill, title, what, tables, began_at, ended_at, aware_at, late, changed_at)
                    select {id}, coalesce(max(number), 0) + 1, 'suspected', {breach.IsDrill}, {title}, {what}, {tables},
                           {breach.BeganAt}::timestamptz, {breach.EndedAt}::timestamptz, {aware}, {breach.Late}::text, {s.Now}
                      from privacy.operator_breach
                    returning number
                    """,
                    ct
                );
                await OperatorBreachRows.StepAsync(s, id, SqlValue.Text(BreachState.Suspected), what, ct);
                var isAll = breach.Workspaces.Count == 0;
                Guid[] parts =
                [
                    .. concerned.Where(one => isAll || breach.Workspaces.Contains(one.Slug, StringComparer.Ordinal)).Select(one => one.Id),
                ];
                await s.ExecuteAsync(
                    $"""
                    insert into privacy.operator_breach_part (breach_id, concerned, is_named)
                    select {id}, workspace, {!isAll} from unnest({parts}) as p(workspace)
                    """,
                    ct
                );
                return number;
            },
            ct
        );
    }

    /// <summary>Tells each workspace what it has not been told. What fails is tried again with the next round of its probes.</summary>
    /// <returns>How many could not be told now.</returns>
    public async Task<int> TellAsync(int number, IProgress<string>? progress, CancellationToken ct)
    {
        var sheet = await FindAsync(number, ct);
        var failed = 0;
        foreach (var (slug, part) in sheet.Parts.Where(one => one.Part.ToldOf != sheet.Breach.ChangedAt))
        {
            progress?.Report("Telling " + slug);
            try
            {
                await _tell.TellAsync(sheet.Breach, part.Concerned, ct);
            }
            catch (InvalidOperationException)
            {
                failed++;
            }
        }
        return failed;
    }

    /// <summary>Goes on to the next state.</summary>
    /// <exception cref="ConflictException">Something has to be done first.</exception>
    public Task AdvanceAsync(int number, string? note, CancellationToken ct) =>
        ChangeAsync(
            number,
            async (s, sheet) =>
            {
                var next = sheet.Breach.Next ?? throw new ConflictException("This breach is closed.");
                if (next is BreachState.Closed)
                {
                    DemandMayClose(sheet);
                }
                await s.ExecuteAsync(
                    $"""
                    update privacy.operator_breach
                       set state = {next}, closed_at = {(next is BreachState.Closed ? (DateTimeOffset?)s.Now : null)}::timestamptz
                     where id = {sheet.Breach.Id}
                    """,
                    ct
                );
                return (SqlValue.Text(next), note ?? "");
            },
            ct
        );

    /// <param name="measures">What was done about it: goes to every workspace.</param>
    public Task DescribeAsync(int number, string measures, CancellationToken ct) =>
        ChangeAsync(
            number,
            async (s, sheet) =>
            {
                await s.ExecuteAsync($"update privacy.operator_breach set measures = {measures} where id = {sheet.Breach.Id}", ct);
                return (Measures, measures);
            },
            ct
        );

    /// <param name="late">Why customers were told late.</param>
    public Task ExplainAsync(int number, string late, CancellationToken ct) =>
        ChangeAsync(
            number,
            async (s, sheet) =>
            {
                await s.ExecuteAsync($"update privacy.operator_breach set late = {late} where id = {sheet.Breach.Id}", ct);
                return (Reason, late);
            },
            ct
        );

    /// <returns>The report as PDF: all workspaces by name, for the operator and its authority.</returns>
    public async Task<byte[]> ReportAsync(int number, DateTimeOffset now, CancellationToken ct) =>
        OperatorBreachReport.Write(await FindAsync(number, ct), _options, now);

    private async Task ChangeAsync(
        int number,
        Func<SystemContext, OperatorBreachSheet, Task<(string Kind, string Text)>> change,
        CancellationToken ct
    )
    {
        var sheet = await FindAsync(number, ct);
        await _system.RunAsync(
            async s =>
            {
                // Of two at once, one waits here and sees what the other did.
                var breach = await OperatorBreachRows.FindAsync(s, number, ct);
                var (kind, text) = await change(s, sheet with { Breach = breach });
                var validation = new Validation();
                text = validation.Text("text", text, MaxText, min: 0);
                validation.Throw();
                await OperatorBreachRows.StepAsync(s, breach.Id, kind, text, ct);
                await s.ExecuteAsync($"update privacy.operator_breach set changed_at = {s.Now} where id = {breach.Id}", ct);
            },
            ct
        );
    }

    private static void DemandMayClose(OperatorBreachSheet sheet)
    {
        if (string.IsNullOrWhiteSpace(sheet.Breach.Measures))
        {
            throw new ConflictException("Write down first what was done about it: tenet breach measures.");
        }
        if (sheet.Breach.IsDrill)
        {
            return;
        }
        if (sheet.Parts.FirstOrDefault(one => one.Part is { ToldAt: null, HasNothing: false }) is { Slug: not null } waiting)
        {
            throw new ConflictException($"The workspace {waiting.Slug} was not told yet: tenet breach tell.");
        }
        if (sheet.Parts.Any(one => one.Part.ToldAt > one.Part.DueAt) && string.IsNullOrWhiteSpace(sheet.Breach.Late))
        {
            throw new ConflictException("Say first why customers were told late: tenet breach tell with --late.");
        }
    }
}
