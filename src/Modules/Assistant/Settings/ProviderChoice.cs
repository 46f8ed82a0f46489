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
    // What was sent where stands in the receipts of turns. A busy workspace has millions of them: the newest are looked at, by the index of their start.
    private const string Statement = """
        select (select array_agg(distinct provider) from assistant.settings),
               (select array_agg(distinct provider)
                  from (select provider from assistant.turn where started_at > now() - interval '30 days' order by started_at desc limit 10000) newest
                 where provider is not null)
        """;

    public override string Limits =>
        "It looks at the settings and at the newest ten thousand turns of 30 days. What the provider does with a question is its contract's word.";

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
                    $"Chosen: {(chosen.Length == 0 ? AssistantProfile.ExcerptsProvider : string.Join(", ", chosen))}; used lately: {(used.Length == 0 ? "none" : string.Join(", ", used))}.",
                    chosen.Length + used.Length,
                    Statement
                );
            },
            ct
        );
}
