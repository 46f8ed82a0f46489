using Tenet.Kernel.Http;
using Tenet.Kernel.Workspaces;

namespace Tenet.Kernel.Policies;

/// <summary>Evidence that the operator gives for all workspaces: staff, contracts, the machines.</summary>
public sealed class OperatorAttestations(SystemScope system, PolicyBook book)
{
    /// <summary>What any policy in force asks evidence for, and how often.</summary>
    public async Task<IReadOnlyList<(string What, Period Every)>> AskedAsync(CancellationToken ct) =>
        [
            .. (await book.InForceAsync(ct))
                .SelectMany(policy => policy.Claims)
                .Where(found => found.Claim.Kind is Kinds.Attested)
                .Select(found => (What: found.Claim.Text("what"), Every: found.Claim.Period("every")))
                .GroupBy(asked => asked.What, StringComparer.Ordinal)
                .Select(asked => asked.MinBy(one => one.Every))
                .OrderBy(asked => asked.What, StringComparer.Ordinal),
        ];

    /// <summary>When evidence was last given for each, by what it is for.</summary>
    public async Task<IReadOnlyDictionary<string, DateTimeOffset>> NewestAsync(CancellationToken ct) =>
        (
            await system.RunAsync(
                s =>
                    s.ListAsync(
                        $"select what, max(given_at) from kernel.operator_attestation where withdrawn_at is null group by what",
                        row => (What: row.GetString(0), At: row.GetFieldValue<DateTimeOffset>(1)),
                        ct
                    ),
                ct
            )
        ).ToDictionary(row => row.What, row => row.At, StringComparer.Ordinal);

    /// <param name="evidence">Where the evidence lies, in the person's words.</param>
    /// <param name="by">Who answers for it.</param>
    /// <exception cref="RuleException">No policy in force asks for this, or a text is missing.</exception>
    public async Task GiveAsync(string what, string evidence, string by, CancellationToken ct)
    {
        var asked = await AskedAsync(ct);
        var validation = new Validation();
        validation.Check(
            asked.Any(one => one.What == what),
            "what",
            "No policy in force asks for this. tenet policy attest lists what is asked."
        );
        evidence = validation.Text("evidence", evidence, 4000);
        by = validation.Text("by", by, 200);
        validation.Throw();
        await system.RunAsync(
            s =>
                s.ExecuteAsync(
                    $"""
                    insert into kernel.operator_attestation (id, what, evidence, given_by, given_at)
                    values ({Guid.CreateVersion7(s.Now)}, {what}, {evidence}, {by}, {s.Now})
                    """,
                    ct
                ),
            ct
        );
    }
}
