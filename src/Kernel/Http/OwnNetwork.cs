using System.Net;

namespace Tenet.Kernel.Http;

/// <summary>This machine and the operator's own network: who stands there is no recipient.</summary>
public static class OwnNetwork
{
    /// <param name="host">A name, an address, or the path of a socket.</param>
    public static bool Holds(string host) =>
        IPAddress.TryParse(host.Trim('[', ']'), out var address)
            ? !PublicAddress.Is(address)
            : !host.Contains('.', StringComparison.Ordinal)
                || host.Contains('/', StringComparison.Ordinal)
                || host.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase)
                || host.EndsWith(".internal", StringComparison.OrdinalIgnoreCase)
                || host.EndsWith(".local", StringComparison.OrdinalIgnoreCase);
}
