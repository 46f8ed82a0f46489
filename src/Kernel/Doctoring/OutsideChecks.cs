using Tenet.Kernel.Http;
using Tenet.Kernel.Workspaces;

namespace Tenet.Kernel.Doctoring;

/// <summary>Hosts that a module calls by a workspace's settings, for the doctor to try.</summary>
/// <param name="Purpose">What they are called for: <c>models</c>.</param>
public sealed record OutsideHosts(string Purpose, Func<WorkspaceContext, CancellationToken, Task<IReadOnlyList<Uri>>> FindAsync);

/// <summary>Whether the hosts that workspaces have configured can be reached from here.</summary>
internal static class OutsideChecks
{
    private const int MostHosts = 20;

    private static readonly EgressPolicy Policy = new("doctor")
    {
        IsRecipient = false,
        TotalTime = TimeSpan.FromSeconds(10),
        MaxBytes = 1_000_000,
    };

    public static async Task<IReadOnlyList<Finding>> HostsAsync(
        SystemScope system,
        WorkspaceScope door,
        Egress egress,
        IEnumerable<OutsideHosts> modules,
        CancellationToken ct
    )
    {
        var workspaces = await system.RunAsync(
            s => s.ListAsync($"select id from kernel.workspace where closed_at is null", row => row.GetGuid(0), ct),
            ct
        );
        var findings = new List<Finding>();
        foreach (var module in modules)
        {
            var origins = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
            foreach (var workspace in workspaces.TakeWhile(_ => origins.Count < MostHosts))
            {
                var urls = await door.RunAsync(workspace, Actor.System, ctx => module.FindAsync(ctx, ct), ct);
                origins.UnionWith(urls.Select(url => url.GetLeftPart(UriPartial.Authority)));
            }
            foreach (var origin in origins.Order(StringComparer.OrdinalIgnoreCase))
            {
                findings.Add(await ReachAsync(egress, module.Purpose, new Uri(origin), ct));
            }
        }
        return findings;
    }

    // Any answer will do, a refusal too: only the way there is tried, without a key.
    internal static async Task<Finding> ReachAsync(Egress egress, string purpose, Uri origin, CancellationToken ct)
    {
        var check = $"outside.{purpose}";
        try
        {
            using var answer = await egress.Client(Policy).GetAsync(origin, HttpCompletionOption.ResponseHeadersRead, ct);
            return Finding.Green(check, $"{origin.Host} answers.");
        }
        catch (EgressException e)
        {
            return Finding.Red(
                check,
                $"{origin.Host} cannot be called: {e.Message}",
                e.Failure == EgressFailure.PrivateAddress
                    ? $"If it is a server of your own on this machine, list it: Egress__Loopback__0={origin.Host}:{origin.Port}"
                    : "Check name resolution, the firewall's outgoing rules and the address in the assistant's settings."
            );
        }
    }
}
