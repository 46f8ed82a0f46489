using Tenet.Kernel.Policies;

namespace Tenet.Privacy.Recipients;

/// <summary>Everybody outside who receives data stands on the public list.</summary>
internal sealed class Subprocessors(RecipientList list, HostsInUse hosts)
    : ClaimKind(
        "subprocessors",
        "Everybody outside who receives data stands on the public list of recipients.",
        ClaimParameter.Texts("listed", 300).Optional()
    )
{
    public override string Limits =>
        "It sees where data goes by the settings and by the calls of all nodes as long as they are kept. What a recipient does with it is its contract's word.";

    public override string? Refuses(Claim claim) =>
        (claim.Values.GetValueOrDefault("listed") as List<string>)?.Find(line => Recipient.Parse(line) is null) is { } wrong
            ? $"“{wrong}” is not of the form: {Recipient.Form}."
            : null;

    public override async Task<Finding> ProbeAsync(ProbeRun run, Claim claim, CancellationToken ct)
    {
        var called = await hosts.OfDeploymentAsync(ct);
        return await run.LookAsync(
            async ctx =>
            {
                var listed = list.Of(run.Policy);
                List<HostInUse> used = [.. called, .. await hosts.OfWorkspaceAsync(ctx, ct)];
                return Finding.Of(
                    [
                        .. used.Where(host => !listed.Any(recipient => recipient.Covers(host.Host)))
                            .Select(host => $"{host.Host} receives data ({host.Purpose}) and is not on the list."),
                    ],
                    used.Count == 0
                        ? $"Nothing goes out at present; {listed.Count} recipients are listed."
                        : $"{used.Count} hosts receive data, each of them one of {listed.Count} listed recipients.",
                    used.Count,
                    "settings, configured hosts, outgoing calls"
                );
            },
            ct
        );
    }
}
