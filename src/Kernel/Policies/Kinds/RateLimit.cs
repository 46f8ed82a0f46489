using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Tenet.Kernel.Http;
using Tenet.Kernel.Http.Limits;

namespace Tenet.Kernel.Policies.Kinds;

/// <summary>How many requests a minute are taken. The host reads the values here; the probe asks the running host what it grants.</summary>
internal sealed class RateLimit(OwnHost host, RateLimitOptions overrides)
    : ClaimKind(
        Kind,
        "Requests are limited to this many a minute, from one IP address and for one workspace.",
        ClaimParameter.Choice("of", [.. Enum.GetValues<RateGroup>().Select(Word).Order(StringComparer.Ordinal)]),
        ClaimParameter.Count("per_ip", 1, MostRequests),
        ClaimParameter.Count("per_workspace", 1, MostRequests)
    )
{
    public const string Kind = "rate_limit";
    private const int MostRequests = 100_000_000;

    public override bool IsOfDeployment => true;

    public override string? TakesEffect(Claim claim) =>
        "Every request of this group is counted against it, over all nodes; the operator may set less under RateLimits.";

    public override string Limits =>
        "It asks the host what it grants an address, and looks at the operator's settings. It does not send a flood.";

    public override string Key(Claim claim) => claim.Text("of");

    public override bool Tightens(Claim before, Claim after) =>
        after.Get<int>("per_ip") <= before.Get<int>("per_ip") && after.Get<int>("per_workspace") <= before.Get<int>("per_workspace");

    public static string Word(RateGroup group) => Postgres.SqlValue.SnakeCase(group.ToString());

    public override async Task<Finding> ProbeAsync(ProbeRun run, Claim claim, CancellationToken ct)
    {
        var group = Enum.GetValues<RateGroup>().Single(known => Word(known) == claim.Text("of"));
        var (perIp, perWorkspace) = (claim.Get<int>("per_ip"), claim.Get<int>("per_workspace"));
        var violations = new List<string>();
        if (overrides.Of(group) is { PerWorkspace: { } set } && set > perWorkspace)
        {
            violations.Add($"The operator's settings allow {set} requests a minute for a workspace, the promise {perWorkspace}.");
        }
        if (host.Address is null)
        {
            return violations.Count > 0
                ? Finding.Broken(violations[0], 1, "settings")
                : Finding.Unknown("The host does not run, so it could not be asked what it grants.");
        }
        var path = PathOf(group);
        if (path is null)
        {
            return Finding.Unknown($"The host has no address of the group {claim.Text("of")} that can be asked.");
        }
        using var answer = await host.GetAsync(path, ct);
        var granted = GrantedPerIp(answer);
        if (granted is null)
        {
            violations.Add($"{path} is answered without a limit for the address.");
        }
        else if (granted > perIp)
        {
            violations.Add($"{path} grants {granted} requests a minute to an address, the promise {perIp}.");
        }
        return Finding.Of(
            violations,
            $"The host grants an address {granted} requests a minute and a workspace at most {perWorkspace}.",
            1,
            "RateLimit-Policy of " + path
        );
    }

    private string? PathOf(RateGroup group) =>
        host.Endpoints()
            .OfType<RouteEndpoint>()
            .Where(endpoint =>
                endpoint.RoutePattern.Parameters.Count == 0
                && endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods.Contains("GET", StringComparer.Ordinal) == true
                && (endpoint.Metadata.GetMetadata<RateLimited>()?.Group ?? RateGroup.Open) == group
            )
            .Select(endpoint => "/" + endpoint.RoutePattern.RawText!.Trim('/'))
            .Order(StringComparer.Ordinal)
            .FirstOrDefault();

    // RateLimit-Policy: "ip";q=1200;w=60
    private static long? GrantedPerIp(HttpResponseMessage answer) =>
        answer.Headers.TryGetValues("RateLimit-Policy", out var values)
        && values.SelectMany(value => value.Split(", ")).FirstOrDefault(policy => policy.StartsWith("\"ip\";", StringComparison.Ordinal))
            is { } own
        && own.Split(';').FirstOrDefault(part => part.StartsWith("q=", StringComparison.Ordinal)) is { } quota
        && long.TryParse(quota.AsSpan(2), NumberStyles.None, CultureInfo.InvariantCulture, out var requests)
            ? requests
            : null;
}
