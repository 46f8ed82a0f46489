using Tenet.Kernel.DataMaps;
using Tenet.Kernel.Workspaces;

namespace Tenet.Privacy.Breaches;

/// <param name="People">Concerned by the breach.</param>
/// <param name="Addresses">Different addresses among them.</param>
internal sealed record Reach(long People, long Addresses);

/// <summary>
/// By which addresses the people that a breach concerns are reached, whatever module keeps them. The notice is a duty: who restricted the use of
/// their data, or wants no news, gets it as well.
/// </summary>
internal static class NoticeAddresses
{
    public static async Task<Reach> PreviewAsync(
        WorkspaceContext ctx,
        SubjectGraph graph,
        IReadOnlyCollection<string> tables,
        CancellationToken ct
    )
    {
        await RestrictedRows.ShowAsync(ctx, ct);
        var people = await AffectedPeople.CountAsync(ctx, graph, tables, ct);
        return Rows(graph, tables) is not { } rows
            ? new Reach(people, 0)
            : new Reach(people, await ctx.ScalarAsync<long>($"select count(distinct address) from ({rows}) found", ct));
    }

    /// <summary>Writes down who gets the notice: of several rows with one address the one that knows the person's language.</summary>
    /// <returns>How many.</returns>
    public static async Task<int> GatherAsync(WorkspaceContext ctx, SubjectGraph graph, PeopleNotice notice, CancellationToken ct) =>
        Rows(graph, notice.Tables) is not { } rows
            ? 0
            : await ctx.ExecuteAsync(
                $"""
                insert into privacy.notice_recipient (notice_id, person_id)
                select distinct on (address) {notice.Id}, id from ({rows}) found order by address, language is null, id
                on conflict do nothing
                """,
                ct
            );

    /// <summary>The address of each of these persons as it is now; who has none any more is not among them.</summary>
    public static async Task<List<(Guid Person, string Address, string? Language)>> OfAsync(
        WorkspaceContext ctx,
        SubjectGraph graph,
        Guid[] persons,
        CancellationToken ct
    )
    {
        var found = new List<(Guid, string, string?)>();
        foreach (var person in graph.Persons)
        {
            if (Address(person) is { } address)
            {
                found.AddRange(
                    await ctx.ListAsync(
                        $"select id, {address}, {Language(person)} from {Sql.Constant(person.Table)} p where id = any({persons}) and {address} <> ''",
                        row => (row.GetGuid(0), row.GetString(1), row.TextOrNull(2)),
                        ct
                    )
                );
            }
        }
        return found;
    }

    /// <summary>Null when nobody who is concerned can have an address.</summary>
    private static Sql? Rows(SubjectGraph graph, IReadOnlyCollection<string> tables)
    {
        Sql? all = null;
        foreach (var person in graph.Persons)
        {
            if (Address(person) is { } address && AffectedPeople.Concerned(graph, person, tables) is { } concerned)
            {
                Sql rows =
                    $"select p.id, lower({address}) as address, {Language(person)} as language from {Sql.Constant(person.Table)} p where {address} <> '' and ({concerned})";
                all = all is null ? rows : $"{all} union all {rows}";
            }
        }
        return all;
    }

    private static Sql? Address(SubjectTable person) =>
        person.Map.Columns.FirstOrDefault(column => column is { Category: Category.Email, Identifies: true, Class: DataClass.Personal })
            is { } column
            ? Sql.Constant("trim(p." + column.Column + ")")
            : null;

    private static Sql Language(SubjectTable person) =>
        Sql.Constant(
            person.Map.Columns.FirstOrDefault(column => column is { Category: Category.Language, Class: DataClass.Personal }) is { } column
                ? "p." + column.Column
                : "null::text"
        );
}
