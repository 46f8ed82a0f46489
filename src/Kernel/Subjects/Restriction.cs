using Tenet.Kernel.DataMaps;
using Tenet.Kernel.Http;
using Tenet.Kernel.Workspaces;

namespace Tenet.Kernel.Subjects;

/// <summary>A person whose data is kept and not used.</summary>
[Record("kernel.restriction", Purpose.Accountability, Keep = Restrictions.Rule)]
internal sealed record Restriction
{
    [Personal(Category.Pseudonym), Refers(RefersAttribute.AnyPerson)]
    public required Guid PersonId { get; init; }

    [Operational]
    public Guid? RequestId { get; init; }

    [Operational]
    public Guid? ById { get; init; }

    [Operational]
    public DateTimeOffset Since { get; init; }
}

/// <summary>Freezes the use of a person's data, and lifts it. What hides the rows is the database: see <see cref="RestrictedRows"/>.</summary>
public static class Restrictions
{
    /// <summary>The retention rule of restrictions and objections.</summary>
    public const string Rule = "kernel.wishes";

    /// <exception cref="ConflictException">A row of the person is in a table that cannot be hidden; nothing is restricted then.</exception>
    public static async Task SetAsync(
        WorkspaceContext ctx,
        IReadOnlyCollection<(string Table, Guid Id)> persons,
        Guid? requestId,
        CancellationToken ct
    )
    {
        var hiding = await ctx.ListAsync(
            $"select schemaname || '.' || tablename from pg_policies where policyname = 'restricted'",
            row => row.GetString(0),
            ct
        );
        if (persons.FirstOrDefault(person => !hiding.Contains(person.Table, StringComparer.Ordinal)) is { Table: not null } open)
        {
            throw new ConflictException(
                $"What {open.Table} holds cannot be frozen: it is needed as long as it is there. Remove the person there first, or decline."
            );
        }
        foreach (var (_, id) in persons)
        {
            await ctx.ExecuteAsync(
                $"""
                insert into kernel.restriction (person_id, request_id, by_id, since)
                values ({id}, {requestId}, {ctx.Actor.Id}, {ctx.Now}) on conflict do nothing
                """,
                ct
            );
            ctx.Audit("person.restricted", "person", id);
        }
    }

    /// <returns>Whether one of them was restricted.</returns>
    public static async Task<bool> LiftAsync(WorkspaceContext ctx, Guid[] persons, CancellationToken ct)
    {
        var lifted = await ctx.ListAsync(
            $"delete from kernel.restriction where person_id = any({persons}) returning person_id",
            row => row.GetGuid(0),
            ct
        );
        foreach (var id in lifted)
        {
            ctx.Audit("person.unrestricted", "person", id);
        }
        return lifted.Count > 0;
    }

    public static async Task<IReadOnlySet<Guid>> OfAsync(WorkspaceContext ctx, Guid[] persons, CancellationToken ct) =>
        (
            await ctx.ListAsync($"select person_id from kernel.restriction where person_id = any({persons})", row => row.GetGuid(0), ct)
        ).ToHashSet();
}
