using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Tenet.Kernel.Http;
using Tenet.Kernel.Policies;
using Tenet.Kernel.Postgres;
using Tenet.Kernel.Workspaces;

namespace Tenet.Privacy.Requests;

/// <summary>
/// Which rights people can ask for, and where. Those of California are offered where a policy names them; those of the GDPR always are. The probe
/// opens the public form, looks at what the host answers to and at what the database takes.
/// </summary>
internal sealed class RightsApi(OwnHost host)
    : ClaimKind(
        Kind,
        "Anybody can ask for these rights, without signing in, by the public form and at these addresses.",
        ClaimParameter.Choices("rights", [.. Enum.GetValues<RequestKind>().Select(SqlValue.Text)]),
        ClaimParameter.Texts("addresses").Optional(),
        ClaimParameter.Texts("pages").Optional()
    )
{
    public const string Kind = "rights_api";

    public override TimeSpan Every => TimeSpan.FromMinutes(30);

    public override string Limits =>
        "It looks whether a request would be taken; it sends none. How requests are answered is told by response_clock.";

    public override bool Tightens(Claim before, Claim after) =>
        Words(before, "rights").All(Words(after, "rights").Contains)
        && Words(before, "addresses").All(Words(after, "addresses").Contains)
        && Words(before, "pages").All(Words(after, "pages").Contains);

    /// <summary>The rights that a policy's workspaces offer: all of the GDPR, and of California what a policy names. All where none says anything.</summary>
    public static IReadOnlyList<RequestKind> OfferedBy(Policy policy)
    {
        var named = policy
            .Claims.Where(found => found.Claim.Kind.Name == Kind)
            .SelectMany(found => Words(found.Claim, "rights"))
            .Select(SqlValue.Enum<RequestKind>)
            .ToHashSet();
        return named.Count == 0
            ? [.. RequestWords.OfGdpr, .. RequestWords.OfCcpa]
            : [.. RequestWords.OfGdpr, .. RequestWords.OfCcpa.Where(named.Contains)];
    }

    public override async Task<Finding> ProbeAsync(ProbeRun run, Claim claim, CancellationToken ct)
    {
        var (rights, addresses) = (Words(claim, "rights"), Words(claim, "addresses"));
        var (slug, mayWrite, rule) = await run.LookAsync(ctx => ReadAsync(ctx, ct), ct);
        var violations = new List<string>();
        if (!mayWrite)
        {
            violations.Add("The database takes no new requests: the application may not write them.");
        }
        violations.AddRange(
            rights
                .Where(right => !rule.Contains($"'{right}'", StringComparison.Ordinal))
                .Select(right => $"The database takes no request of the kind {right}.")
        );
        if (host.Address is null)
        {
            return violations.Count > 0
                ? Finding.Of(violations, "", rights.Count, Statement)
                : Finding.Unknown("The host does not run, so its form could not be opened.");
        }
        violations.AddRange(addresses.Where(address => !IsOpen(address)).Select(address => $"Nobody can send a request to {address}."));
        violations.AddRange(
            Words(claim, "pages").Where(page => !IsPage(page)).Select(page => $"There is no page {page} where members do it themselves.")
        );
        using var form = await host.GetAsync($"/trust/{slug}/requests", ct);
        var page = form.IsSuccessStatusCode ? await form.Content.ReadAsStringAsync(ct) : "";
        violations.AddRange(
            rights
                .Where(right => !page.Contains($".{right}\"", StringComparison.Ordinal))
                .Select(right => $"The public form does not offer {right}.")
        );
        return Finding.Of(
            violations,
            $"The public form offers {rights.Count} rights, {addresses.Count} addresses take requests without a sign-in.",
            rights.Count + addresses.Count,
            Statement
        );
    }

    private bool IsOpen(string address)
    {
        var endpoints = host.Endpoints().OfType<RouteEndpoint>().ToList();
        // A command knows what it asks by its address only.
        return endpoints.Count == 0
            || endpoints.Any(endpoint =>
                ("/" + endpoint.RoutePattern.RawText?.Trim('/')) == address
                && endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods.Contains("POST", StringComparer.Ordinal) == true
                && endpoint.Metadata.GetMetadata<IAllowAnonymous>() is not null
            );
    }

    private bool IsPage(string page)
    {
        var endpoints = host.Endpoints().OfType<RouteEndpoint>().ToList();
        return endpoints.Count == 0 || endpoints.Any(endpoint => ("/" + endpoint.RoutePattern.RawText?.Trim('/')) == page);
    }

    private const string Statement =
        "has_table_privilege('privacy.request', 'insert'); pg_get_constraintdef of privacy.request; GET /trust/{slug}/requests";

    private static async Task<(string Slug, bool MayWrite, string Rule)> ReadAsync(WorkspaceContext ctx, CancellationToken ct) =>
        await ctx.FirstOrDefaultAsync(
            $"""
            select slug, has_table_privilege('privacy.request', 'insert'),
                   coalesce((select string_agg(pg_get_constraintdef(oid), ' ') from pg_constraint
                              where conrelid = 'privacy.request'::regclass and conname = 'request_kind_check'), '')
              from kernel.workspace
            """,
            row => (row.GetString(0), row.GetBoolean(1), row.GetString(2)),
            ct
        );

    private static List<string> Words(Claim claim, string name) => claim.Values.TryGetValue(name, out var words) ? (List<string>)words : [];
}
