using Tenet.Kernel.Policies;

namespace Tenet.Assistant;

/// <summary>Questions go to the provider that the workspace has chosen, out of those that the policy names.</summary>
internal sealed class ProviderChoice()
    : ClaimKind(
        "provider_choice",
        "Questions go to the model provider that the workspace has chosen, out of these.",
        ClaimParameter.Choices("providers", [.. ModelProvider.All.Select(provider => provider.Id)])
    )
{
    // Thirty days of turns: what was sent where stands in their receipts.
    private const string Statement = """
        select (select array_agg(distinct provider) from assistant.settings),
               (select array_agg(distinct provider) from assistant.turn where provider is not null and started_at > now() - interval '30 days')
        """;

    public override string Limits => "What the provider does with a question is its contract's word.";

    public override Task<Finding> ProbeAsync(ProbeRun run, Claim claim, CancellationToken ct) =>
        run.LookAsync(
            async ctx =>
            {
                var allowed = claim.Get<List<string>>("providers");
                var (chosen, used) = await ctx.FirstOrDefaultAsync(
                    Tenet.Kernel.Workspaces.Sql.Constant(Statement),
                    row => (row.IsDBNull(0) ? [] : row.GetFieldValue<string[]>(0), row.IsDBNull(1) ? [] : row.GetFieldValue<string[]>(1)),
                    ct
                );
                return Finding.Of(
                    [
                        .. chosen
                            .Except(allowed, StringComparer.Ordinal)
                            .Select(provider => $"{provider} is chosen, which the promise does not name."),
                        .. used.Except(allowed, StringComparer.Ordinal)
                            .Select(provider => $"{provider} was sent questions, which the promise does not name."),
                    ],
                    $"Chosen: {(chosen.Length == 0 ? AssistantProfile.ExcerptsProvider : string.Join(", ", chosen))}; used in 30 days: {(used.Length == 0 ? "none" : string.Join(", ", used))}.",
                    chosen.Length + used.Length,
                    Statement
                );
            },
            ct
        );
}
