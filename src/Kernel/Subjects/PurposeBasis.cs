using Tenet.Kernel.DataMaps;
using Tenet.Kernel.Workspaces;

namespace Tenet.Kernel.Subjects;

/// <summary>On what a purpose rested when it was looked at last.</summary>
[Record("kernel.purpose_basis", DataMaps.Purpose.Accountability, Keep = Restrictions.Rule)]
internal sealed record PurposeBasis
{
    [Operational]
    public required string Purpose { get; init; }

    /// <summary>Of GDPR Art. 6; null when the policy gave none.</summary>
    [Operational]
    public string? Basis { get; init; }

    [Operational]
    public required string Policy { get; init; }

    [Operational]
    public required string Version { get; init; }

    [Operational]
    public DateTimeOffset Since { get; init; }
}

/// <summary>What became of a purpose's basis since it was looked at last.</summary>
public enum BasisChange
{
    None,
    Lost,
    Regained,
}

public static class PurposeBases
{
    /// <summary>
    /// Compares with what was seen last, and remembers. A purpose that is seen for the first time has lost nothing. Of two looks at once, one
    /// sees the change.
    /// </summary>
    /// <param name="basis">What the policy in force gives; null for none.</param>
    public static async Task<BasisChange> SeeAsync(
        WorkspaceContext ctx,
        string purpose,
        string? basis,
        string policy,
        string version,
        CancellationToken ct
    )
    {
        var seen = await ctx.ExecuteAsync(
            $"""
            insert into kernel.purpose_basis (purpose, basis, policy, version, since) values ({purpose}, {basis}, {policy}, {version}, {ctx.Now})
            on conflict do nothing
            """,
            ct
        );
        if (seen > 0)
        {
            return BasisChange.None;
        }
        var before = await ctx.FirstOrDefaultAsync(
            $"select basis from kernel.purpose_basis where purpose = {purpose} for update",
            row => new { Basis = row.TextOrNull(0) },
            ct
        );
        if (before is null || before.Basis == basis)
        {
            return BasisChange.None;
        }
        await ctx.ExecuteAsync(
            $"""
            update kernel.purpose_basis set basis = {basis}, policy = {policy}, version = {version}, since = {ctx.Now} where purpose = {purpose}
            """,
            ct
        );
        return (before.Basis, basis) switch
        {
            (not null, null) => BasisChange.Lost,
            (null, not null) => BasisChange.Regained,
            _ => BasisChange.None,
        };
    }
}
