namespace Tenet.Kernel.Policies.Kinds;

/// <summary>How long what lets somebody in is valid at most. Whoever issues it reads the value here.</summary>
internal sealed class TokenLifetime(IReadOnlyCollection<TokenClock> clocks)
    : ClaimKind(
        Kind,
        "What lets somebody in ends after this long.",
        ClaimParameter.Choice("of", [.. clocks.Select(clock => clock.Token).Order(StringComparer.Ordinal)]),
        ClaimParameter.Period("at_most")
    )
{
    public const string Kind = "token_lifetime";

    /// <summary>Clocks of nodes differ a little.</summary>
    private static readonly TimeSpan Skew = TimeSpan.FromMinutes(1);

    public override string? TakesEffect(Claim claim) =>
        "Whoever issues or believes one reads it: sign-in by the strictest policy in force, the widget by this workspace's.";

    public override string Limits => "It looks at what was issued and is stored.";

    public override string Key(Claim claim) => claim.Text("of");

    public override bool Tightens(Claim before, Claim after) => after.Period("at_most") < before.Period("at_most");

    public override async Task<Finding> ProbeAsync(ProbeRun run, Claim claim, CancellationToken ct)
    {
        var clock = clocks.Single(known => known.Token == claim.Text("of"));
        var most = claim.Period("at_most");
        var longer = clock.Longer(most.After(run.Now) + Skew);
        var query = longer.ToString();
        var count = clock.OfWorkspace
            ? await run.LookAsync(ctx => ctx.ScalarAsync<long>(longer, ct), ct)
            : await run.LookAcrossAsync(s => s.ScalarAsync<long>(longer, ct), ct);
        var said = clock.Token.Replace('_', ' ');
        return Finding.Of(
            count == 0 ? [] : [$"At least {count} of kind {said} are valid for longer than {most}."],
            $"Nothing of kind {said} is valid for longer than {most}.",
            count,
            query
        );
    }
}
