using Tenet.Kernel.DataMaps;

namespace Tenet.Kernel.Policies.Kinds;

/// <summary>How long something that lets somebody in is valid. Whoever issues it reads the value here.</summary>
internal sealed class TokenLifetime(IReadOnlyCollection<TokenClock> clocks)
    : ClaimKind(
        Kind,
        "What lets somebody in ends after this long.",
        ClaimParameter.Choice("of", [.. clocks.Select(clock => clock.Token).Order(StringComparer.Ordinal)]),
        ClaimParameter.Period("at_most")
    )
{
    public const string Kind = "token_lifetime";

    public override string Limits => "It looks at what was issued and is stored.";

    public override string Key(Claim claim) => claim.Text("of");

    public override bool Tightens(Claim before, Claim after) => after.Period("at_most") < before.Period("at_most");

    public override async Task<Finding> ProbeAsync(ProbeRun run, Claim claim, CancellationToken ct)
    {
        var clock = clocks.Single(known => known.Token == claim.Text("of"));
        var longest = await clock.LongestAsync(run, ct);
        var most = claim.Period("at_most");
        return longest is not { } seconds ? Finding.Holds($"There is no {Said(clock)} at present.", 0, clock.Token)
            : seconds > most.Approximately + TimeSpan.FromSeconds(1)
                ? Finding.Broken($"A {Said(clock)} is valid for longer than {most}.", 1, clock.Token)
            : Finding.Holds($"No {Said(clock)} is valid for longer than {most}.", 1, clock.Token);
    }

    private static string Said(TokenClock clock) => clock.Token.Replace('_', ' ');
}
