using System.Net;
using System.Security.Authentication;
using Tenet.Kernel.Http;

namespace Tenet.Kernel.Policies.Kinds;

/// <summary>The oldest TLS that the host speaks. The listener reads the value here; the probe makes handshakes with the running host.</summary>
internal sealed class Transport(OwnHost host)
    : ClaimKind(
        Kind,
        "Whoever connects to the host speaks this version of TLS or a newer one.",
        ClaimParameter.Choice("minimum", "1.2", "1.3")
    )
{
    public const string Kind = "transport";
    public const string Subject = "TLS of the listener";

    public override bool IsOfDeployment => true;

    public override string? TakesEffect(Claim claim) => "The listener reads it at each handshake, by the strictest policy in force.";

    public override string Limits =>
        "It makes handshakes with the host itself. Where a proxy on the same machine speaks TLS for it, the proxy's settings are attested. "
        + "Outgoing connections are made with TLS 1.2 or newer by the one client that may make any.";

    public override string Key(Claim claim) => Subject;

    public override bool Tightens(Claim before, Claim after) => string.CompareOrdinal(after.Text("minimum"), before.Text("minimum")) >= 0;

    /// <summary>The versions that a minimum allows.</summary>
    public static SslProtocols Allowed(string minimum) => minimum == "1.3" ? SslProtocols.Tls13 : SslProtocols.Tls12 | SslProtocols.Tls13;

    public override async Task<Finding> ProbeAsync(ProbeRun run, Claim claim, CancellationToken ct)
    {
        var minimum = claim.Text("minimum");
        if (host.Address is not { } address)
        {
            return Finding.Unknown("The host does not run, so no connection could be made to it.");
        }
        if (address.Scheme != Uri.UriSchemeHttps)
        {
            return host.IsReachedFromOutside
                ? Finding.Broken("The host is reached from other machines and speaks plain HTTP.", 1, "address of the listener")
                : Finding.Unknown(
                    "The host speaks plain HTTP and is reached from this machine only. The proxy in front of it speaks TLS, which its operator attests."
                );
        }
        var violations = new List<string>();
        // Older ones first refused by the system's own library prove nothing, and nothing worse than a refusal can come of asking.
        foreach (var (name, version) in Older.Where(old => string.CompareOrdinal(old.Name, minimum) < 0))
        {
            if (await host.HandshakeAsync(version, ct) is not null)
            {
                violations.Add($"The host speaks TLS {name}, which is older than {minimum}.");
            }
        }
        var spoken = await host.HandshakeAsync(SslProtocols.None, ct);
        if (spoken is null)
        {
            return Finding.Unknown("The host did not answer a handshake.");
        }
        return Finding.Of(
            violations,
            $"Handshakes with versions older than {minimum} are refused; {spoken} is spoken.",
            1 + Older.Length,
            "handshakes"
        );
    }

#pragma warning disable SYSLIB0039, CA5397, CA5398 // Old versions are named here to see that they are refused.
    private static readonly (string Name, SslProtocols Version)[] Older =
    [
        ("1.0", SslProtocols.Tls),
        ("1.1", SslProtocols.Tls11),
        ("1.2", SslProtocols.Tls12),
    ];
#pragma warning restore SYSLIB0039, CA5397, CA5398
}
