using Tenet.Kernel.DataMaps;

namespace Tenet.Kernel.Policies.Kinds;

/// <summary>Each purpose has a lawful basis (GDPR Art. 6) and says who decides about it (Art. 4(7), (8)).</summary>
internal sealed class LegalBasis(DataMap map)
    : ClaimKind(
        "legal_basis",
        "Data is processed for this purpose on this lawful basis.",
        ClaimParameter.Choice(
            "purpose",
            [.. map.Tables.Select(table => table.Purpose).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)]
        ),
        ClaimParameter.Choice("basis", "consent", "contract", "legal_obligation", "vital_interests", "public_task", "legitimate_interest"),
        ClaimParameter.Choice("role", "controller", "processor")
    )
{
    public override Strength Strength => Strength.Procedure;

    public override string Limits => "That the basis is the right one is a lawyer's judgement. The probe shows that each purpose has one.";

    public override string Key(Claim claim) => claim.Text("purpose");

    public override Task<Finding> ProbeAsync(ProbeRun run, Claim claim, CancellationToken ct)
    {
        var based = run
            .Policy.Claims.Where(found => found.Claim.Kind is LegalBasis)
            .Select(found => found.Claim.Text("purpose"))
            .ToHashSet(StringComparer.Ordinal);
        var tables = map.Tables.Where(table => table.Purpose == claim.Text("purpose")).ToList();
        var none = map
            .Tables.Where(table => !based.Contains(table.Purpose))
            .Select(table => table.Purpose)
            .Distinct(StringComparer.Ordinal);
        return Task.FromResult(
            Finding.Of(
                [.. none.Select(purpose => $"The purpose {purpose} has no lawful basis in this policy.")],
                $"{tables.Count} tables serve {claim.Text("purpose")}, and every purpose has its basis.",
                map.Tables.Count,
                "data map: purpose"
            )
        );
    }
}
