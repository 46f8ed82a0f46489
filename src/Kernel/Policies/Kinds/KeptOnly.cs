using Tenet.Kernel.DataMaps;

namespace Tenet.Kernel.Policies.Kinds;

/// <summary>A table has the columns that the promise names and no others: what has no column cannot be kept.</summary>
internal sealed class KeptOnly(DataMap map)
    : ClaimKind(
        "kept_only",
        "The table has these columns and no others, so nothing else can be stored in it.",
        ClaimParameter.Table("of", map),
        ClaimParameter.Texts("columns", 63)
    )
{
    public override Strength Strength => Strength.Guarantee;

    public override string Limits => "A text column can hold any text. What is written into it is the code's doing.";

    public override string Key(Claim claim) => claim.Text("of");

    public override Task<Finding> ProbeAsync(ProbeRun run, Claim claim, CancellationToken ct) =>
        run.LookAsync(
            async ctx =>
            {
                var columns = await Columns.OfAsync(ctx, claim.Text("of"), ct);
                var allowed = claim.Get<List<string>>("columns");
                return Finding.Of(
                    [
                        .. columns
                            .Where(column => !allowed.Contains(column, StringComparer.Ordinal))
                            .Select(column => $"{claim.Text("of")} has a column that the promise does not name: {column}."),
                    ],
                    $"{claim.Text("of")} has {columns.Count} columns, all of them named.",
                    columns.Count,
                    Columns.Statement
                );
            },
            ct
        );
}
