using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Tenet.Kernel.Http;
using Tenet.Kernel.Policies;

namespace Tenet.Accounts;

/// <summary>The host sets the named cookies and no others. The probe asks for every page that a stranger may open.</summary>
internal sealed class Cookies(OwnHost host)
    : ClaimKind("cookies", "Tenet's pages set these cookies and no others.", ClaimParameter.Texts("allowed", 60))
{
    public override bool IsOfDeployment => true;

    public override string Limits => "It looks at the pages that can be opened without signing in, and at the cookies that they set.";

    public override string Key(Claim claim) => "cookies";

    public override async Task<Finding> ProbeAsync(ProbeRun run, Claim claim, CancellationToken ct)
    {
        if (host.Address is null)
        {
            return Finding.Unknown("The host does not run, so its pages could not be asked.");
        }
        var allowed = claim.Get<List<string>>("allowed");
        var violations = new List<string>();
        var paths = Paths(host.Endpoints());
        if (paths.Count == 0)
        {
            return Finding.Unknown("The host has no page that a stranger may open.");
        }
        foreach (var path in paths)
        {
            using var answer = await host.GetAsync(path, ct);
            foreach (var cookie in answer.Headers.TryGetValues("Set-Cookie", out var values) ? values : [])
            {
                var name = cookie.Split('=', 2)[0].Trim();
                if (!allowed.Contains(name, StringComparer.Ordinal))
                {
                    violations.Add($"{path} sets a cookie that the promise does not name: {(name.Length > 60 ? name[..60] : name)}.");
                }
                else if (
                    cookie.Contains("domain=", StringComparison.OrdinalIgnoreCase)
                    || !cookie.Contains("httponly", StringComparison.OrdinalIgnoreCase)
                )
                {
                    violations.Add($"{path} sets {name} readable by scripts or for other hosts.");
                }
            }
        }
        return Finding.Of(
            violations,
            $"{paths.Count} pages were opened; none sets a cookie besides {string.Join(", ", allowed)}.",
            paths.Count,
            string.Join('\n', paths)
        );
    }

    // Pages without a parameter in their address, to which no sign-in leads.
    private static List<string> Paths(IEnumerable<Endpoint> endpoints) =>
        [
            .. endpoints
                .OfType<RouteEndpoint>()
                .Where(endpoint =>
                    endpoint.Metadata.GetMetadata<IAllowAnonymous>() is not null
                    && endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods.Contains("GET", StringComparer.Ordinal) == true
                    && endpoint.RoutePattern.Parameters.Count == 0
                    && endpoint.RoutePattern.RawText is { } path
                    && !Path.HasExtension(path)
                )
                .Select(endpoint => "/" + endpoint.RoutePattern.RawText!.TrimStart('/'))
                .Distinct(StringComparer.Ordinal)
                .Order(StringComparer.Ordinal),
        ];
}
