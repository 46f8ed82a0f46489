using Tenet.Kernel.DataMaps;
using Tenet.Kernel.Workspaces;

namespace Tenet.Kernel.Subjects;

/// <summary>A purpose for which a person does not want their data used: Article 21 GDPR.</summary>
[Record("kernel.objection", DataMaps.Purpose.Accountability, Keep = Restrictions.Rule)]
internal sealed record Objection
{
    [Personal(Category.Pseudonym), Refers(RefersAttribute.AnyPerson)]
    public required Guid PersonId { get; init; }

    /// <summary>One of <see cref="DataMaps.Purpose"/>.</summary>
    [Operational]
    public required string Purpose { get; init; }

    [Operational]
    public Guid? RequestId { get; init; }

    [Operational]
    public Guid? ById { get; init; }

    [Operational]
    public DateTimeOffset Since { get; init; }
}

public static class Objections
{
    /// <summary>Purposes that some code asks about before it acts. An objection to another one is no machine's to keep.</summary>
    public static readonly IReadOnlyList<string> Kept = [DataMaps.Purpose.Assistance];

    public static async Task SetAsync(WorkspaceContext ctx, Guid[] persons, string purpose, Guid? requestId, CancellationToken ct)
    {
        foreach (var id in persons)
        {
            await ctx.ExecuteAsync(
                $"""
                insert into kernel.objection (person_id, purpose, request_id, by_id, since)
                values ({id}, {purpose}, {requestId}, {ctx.Actor.Id}, {ctx.Now}) on conflict do nothing
                """,
                ct
            );
            ctx.Audit("person.objected", "person", id, new { purpose });
        }
    }
}
