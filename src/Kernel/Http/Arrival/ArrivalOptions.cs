using System.Net;

namespace Tenet.Kernel.Http.Arrival;

/// <summary>How requests reach this host.</summary>
public sealed record ArrivalOptions
{
    /// <summary>
    /// Networks of the proxies before this host, as CIDR: <c>127.0.0.1/32</c>. What they say in X-Forwarded-For, -Proto and -Host is believed;
    /// what anybody else says there is not.
    /// </summary>
    public IReadOnlyList<string> TrustedProxies { get; init; } = [];

    /// <summary>Names by which this host answers, beside those of this machine: <c>chat.example.com</c>, <c>*.example.com</c>; <c>*</c> for all.</summary>
    public IReadOnlyList<string> AllowedHosts { get; init; } = [];

    /// <summary>How long browsers that came by https come by https only, in days; 0 says nothing.</summary>
    public int HstsDays { get; init; } = 365;

    internal static IReadOnlyList<string> ThisMachine { get; } = ["localhost", "127.0.0.1", "[::1]"];

    /// <summary>Nobody reaches it by a name that others could use: an installation to try or to develop with.</summary>
    public bool IsOnThisMachineOnly => AllowedHosts.All(host => ThisMachine.Contains(host, StringComparer.OrdinalIgnoreCase));

    /// <exception cref="InvalidOperationException">One of them is no network; the message names it.</exception>
    internal IReadOnlyList<IPNetwork> Networks() =>
        [
            .. TrustedProxies.Select(text =>
                IPNetwork.TryParse(
                    text.Contains('/', StringComparison.Ordinal) ? text : text + (text.Contains(':') ? "/128" : "/32"),
                    out var network
                )
                    ? network
                    : throw new InvalidOperationException(
                        $"TrustedProxies: \"{text}\" is no network. Write an address or a CIDR range, such as 127.0.0.1 or 10.0.0.0/8."
                    )
            ),
        ];
}
