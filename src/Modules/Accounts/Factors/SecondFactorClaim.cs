using Microsoft.AspNetCore.Routing;
using Tenet.Kernel.Http;
using Tenet.Kernel.Policies;

namespace Tenet.Accounts.Factors;

/// <summary>A second factor can be used, and where a workspace asks for one, nobody is in without it.</summary>
internal sealed class SecondFactorClaim(OwnHost host)
    : ClaimKind(
        "second_factor",
        "These second factors are available, and a workspace that asks for one lets nobody in without.",
        ClaimParameter.Choices("methods", "passkey", "authenticator")
    )
{
    private const string Statement = """
        select count(*) from (
          select from accounts.session s join accounts.sign_in_policy p on p.workspace_id = s.current_workspace_id
           where p.requires_factor and s.state = 'open' and s.expires_at > now()
             and not exists (select from accounts.authenticator a where a.login_id = s.login_id and a.confirmed)
             and not exists (select from accounts.passkey k where k.login_id = s.login_id)
           limit 1000) open
        """;

    public override string Limits =>
        "It looks at open sessions and at the host's addresses; a factor is tried out by the tests, not by the probe.";

    public override string Key(Claim claim) => "second factor";

    public override bool IsOfDeployment => true;

    public override async Task<Finding> ProbeAsync(ProbeRun run, Claim claim, CancellationToken ct)
    {
        var methods = claim.Get<List<string>>("methods");
        var paths = host.Endpoints()
            .OfType<RouteEndpoint>()
            .Select(endpoint => "/" + endpoint.RoutePattern.RawText?.Trim('/'))
            .ToHashSet(StringComparer.Ordinal);
        var missing = methods.Where(method => !paths.Contains(method == "passkey" ? "/sign-in/passkeys" : "/sign-in/second-factor/codes"));
        var without = await run.LookAcrossAsync(s => s.ScalarAsync<long>(Tenet.Kernel.Workspaces.Sql.Constant(Statement), ct), ct);
        return Finding.Of(
            [
                .. missing.Select(method => $"The host has no address for signing in by {method}."),
                .. without == 0
                    ? []
                    : (string[])[$"At least {without} sessions are open, without a second factor, in workspaces that ask for one."],
            ],
            $"{string.Join(" and ", methods)} can be used; no session is open without a factor where one is asked for.",
            paths.Count,
            Statement
        );
    }
}
