using System.Globalization;
using Tenet.Kernel.DataMaps;
using Tenet.Kernel.Policies;
using Tenet.Kernel.Subjects;
using Tenet.Kernel.Workspaces;

namespace Tenet.Privacy.Children;

/// <summary>
/// Children who were found are gone, and stay out. The value sets by when their erasure has to be complete; the probe looks for erasures that
/// took longer, and for whoever is there with an address or id that is refused.
/// </summary>
internal sealed class ChildrenKeptOut(RefusedIdentifiers refused, Census census)
    : ClaimKind(
        Kind,
        "Who was found to be a child is erased within this time, and nothing is stored of whoever comes with an address or id that they were known by.",
        ClaimParameter.Period("gone_within")
    )
{
    public const string Kind = "children";

    /// <summary>Of each column, the newest: who came after the child was marked is among them.</summary>
    private const int MostRows = 100_000;

    private static readonly TimeSpan Grace = TimeSpan.FromMinutes(15);

    private const string Refused =
        "select r.hash, e.created_at, e.completed_at from kernel.refused_identifier r left join privacy.erasure e on e.id = r.erasure_id";

    public override string Limits =>
        "Who is a child, people have to find out. It knows the addresses and ids that the child was known by here; under new ones, anybody is somebody new. Who asks for their rights may do so under any address.";

    public override string? TakesEffect(Claim claim) =>
        "The day by which the erasure of a child has to be complete; owners and admins have a letter when a quarter of the time is left.";

    public override string Key(Claim claim) => Kind;

    public override bool Tightens(Claim before, Claim after) => after.Period("gone_within") <= before.Period("gone_within");

    public override Task<Finding> ProbeAsync(ProbeRun run, Claim claim, CancellationToken ct) =>
        run.LookAsync(
            async ctx =>
            {
                var rows = await ctx.ListAsync(
                    Sql.Constant(Refused),
                    row =>
                        (
                            Hash: row.GetFieldValue<byte[]>(0),
                            Began: row.ValueOrNull<DateTimeOffset>(1),
                            Ended: row.ValueOrNull<DateTimeOffset>(2)
                        ),
                    ct
                );
                var most = claim.Period("gone_within");
                var late = rows.Where(row => row.Began is { } began && (row.Ended ?? run.Now) > most.After(began) + Grace)
                    .Select(row => row.Began)
                    .Distinct()
                    .Count();
                var back = rows.Count == 0 ? 0 : await CountAsync(ctx, [.. rows.Select(row => Convert.ToBase64String(row.Hash))], ct);
                return Finding.Of(
                    [
                        .. late == 0 ? [] : (string[])[Say($"{late} children were not erased within {most}.")],
                        .. back == 0 ? [] : (string[])[Say($"{back} rows stand under an address or id of a child who was erased.")],
                    ],
                    rows.Count == 0
                        ? "No child was found in this workspace, so nobody is kept out."
                        : Say($"{rows.Count} addresses and ids of children are refused, and nobody is there under one of them."),
                    rows.Count,
                    Refused
                );
            },
            ct
        );

    /// <summary>Rows under a refused identifier, but for those that an erasure is taking away.</summary>
    private async Task<long> CountAsync(WorkspaceContext ctx, HashSet<string> hashes, CancellationToken ct)
    {
        await RestrictedRows.ShowAsync(ctx, ct);
        var found = 0L;
        foreach (var table in (await census.SubjectsAsync(ct)).Persons.Where(table => table.Retained is null))
        {
            foreach (var column in table.Map.Columns.Where(column => column.Identifies))
            {
                var name = Sql.Constant(column.Column);
                await foreach (
                    var text in ctx.StreamAsync(
                        $"""
                        select {name}::text from {Sql.Constant(table.Table)} p
                         where {name} is not null
                           and not exists (select from privacy.erasure e where e.state <> 'done' and p.id = any(e.persons))
                         order by id desc limit {MostRows}
                        """,
                        row => row.GetString(0),
                        ct
                    )
                )
                {
                    found += refused.HashesOf(ctx.WorkspaceId, text).Any(hash => hashes.Contains(Convert.ToBase64String(hash))) ? 1 : 0;
                }
            }
        }
        return found;
    }

    private static string Say(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
