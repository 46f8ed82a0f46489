using Npgsql;
using Tenet.Kernel;
using Tenet.Kernel.Doctoring;
using Tenet.Kernel.Http;
using Tenet.Kernel.Workspaces;

namespace Tenet.Privacy.Recipients;

/// <summary>A host outside that data goes to, or would go to by the settings as they are.</summary>
public sealed record HostInUse(string Host, string Purpose);

/// <summary>Where data really goes: by the operator's settings, by a workspace's, and by the calls that were made.</summary>
internal sealed class HostsInUse(KernelOptions kernel, RecipientLedger ledger, IEnumerable<OutsideHosts> modules)
{
    /// <summary>By the operator's settings and the calls of all workspaces.</summary>
    public async Task<IReadOnlyList<HostInUse>> OfDeploymentAsync(CancellationToken ct)
    {
        List<HostInUse> found = [.. (await ledger.ReadAsync(ct)).Select(called => new HostInUse(called.Call.Host, called.Call.Purpose))];
        Add(found, kernel.Mail.Host, "mail");
        Add(found, HostOf(kernel.Telemetry.ErrorDsn), "error reports");
        Add(found, kernel.Telemetry.OtlpEndpoint?.Host, "telemetry");
        Add(found, kernel.MasterKey.Service?.Host, "master key");
        if (kernel.Audit.Checkpoints.StartsWith("s3:", StringComparison.Ordinal))
        {
            Add(found, kernel.Audit.S3.Endpoint?.Host ?? $"s3.{kernel.Audit.S3.Region}.amazonaws.com", "audit checkpoints");
        }
        // A path is a socket on this machine.
        foreach (var host in new NpgsqlConnectionStringBuilder(kernel.Database.ConnectionString).Host?.Split(',') ?? [])
        {
            Add(found, host.Split(':')[0], "database");
        }
        return Outside(found);
    }

    /// <summary>What the workspace itself has set up, beside <see cref="OfDeployment"/>.</summary>
    public async Task<IReadOnlyList<HostInUse>> OfWorkspaceAsync(WorkspaceContext ctx, CancellationToken ct)
    {
        var found = new List<HostInUse>();
        foreach (var module in modules)
        {
            found.AddRange((await module.FindAsync(ctx, ct)).Select(url => new HostInUse(url.IdnHost, module.Purpose)));
        }
        return Outside(found);
    }

    private static List<HostInUse> Outside(IEnumerable<HostInUse> found) =>
        [
            .. found
                .Where(host => !OwnNetwork.Holds(host.Host))
                .DistinctBy(host => host.Host, StringComparer.OrdinalIgnoreCase)
                .OrderBy(host => host.Host, StringComparer.OrdinalIgnoreCase),
        ];

    private static void Add(List<HostInUse> found, string? host, string purpose)
    {
        if (!string.IsNullOrEmpty(host))
        {
            found.Add(new HostInUse(host, purpose));
        }
    }

    private static string? HostOf(string? address) => Uri.TryCreate(address, UriKind.Absolute, out var url) ? url.Host : null;
}
