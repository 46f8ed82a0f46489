using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;

namespace Tenet.Kernel.Http;

/// <summary>What the operator lets Tenet call beyond the public internet.</summary>
public sealed record EgressOptions
{
    /// <summary><c>host:port</c> on this machine: the demo site, a local model, a test's fake.</summary>
    public IReadOnlyCollection<string> Loopback { get; init; } = [];
}

/// <summary>
/// The only way out. Resolves the name itself, refuses addresses that are not public, connects to the very address it checked,
/// follows redirects itself so that each is checked again, and bounds time, size and decompression.
/// </summary>
public sealed class Egress(EgressOptions options, TimeProvider time) : IDisposable
{
    private readonly ConcurrentDictionary<EgressPolicy, HttpClient> _clients = new();
    private const int MostRecipients = 1_000;
    private readonly ConcurrentDictionary<(string Policy, string Host), bool> _recipients = new();
    private readonly HashSet<string> _loopback = new(options.Loopback, StringComparer.OrdinalIgnoreCase);

    /// <summary>Looks a name up; replaced by tests that need a host to change its address between two look-ups.</summary>
    internal Func<string, CancellationToken, Task<IPAddress[]>> Resolve { get; set; } = Dns.GetHostAddressesAsync;

    /// <summary>Hosts in the world that were sent something since the start, with the name of the policy they were called under.</summary>
    public IReadOnlyCollection<(string Policy, string Host)> Recipients => [.. _recipients.Keys];

    /// <summary>A client that may be kept and shared. Throws <see cref="EgressException"/>.</summary>
    public HttpClient Client(EgressPolicy policy) => _clients.GetOrAdd(policy, Create);

    /// <summary>Lets the host's own demo site be crawled, once its port is known.</summary>
    public void AllowLoopback(string hostAndPort)
    {
        lock (_loopback)
        {
            _loopback.Add(hostAndPort);
        }
    }

    /// <summary>Whether an address is on the public internet, and not inside somebody's network.</summary>
    public static bool IsPublic(IPAddress address) => PublicAddress.Is(address);

    /// <summary>Whether the operator has listed this address of the own machine.</summary>
    public bool IsListedLoopback(Uri url) => IsListed(url.IdnHost.Trim('[', ']'), url.Port);

    private bool IsListed(string host, int port)
    {
        lock (_loopback)
        {
            return _loopback.Contains($"{host}:{port}");
        }
    }

    private HttpClient Create(EgressPolicy policy)
    {
        var sockets = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = false,
            AutomaticDecompression = DecompressionMethods.GZip | DecompressionMethods.Deflate | DecompressionMethods.Brotli,
            ConnectTimeout = policy.ConnectTime,
            PooledConnectionLifetime = TimeSpan.FromMinutes(2),
            MaxConnectionsPerServer = policy.ConnectionsPerHost,
            MaxResponseHeadersLength = 64,
            EnableMultipleHttp2Connections = true,
            ActivityHeadersPropagator = null,
            ConnectCallback = (context, ct) => ConnectAsync(policy, context, ct),
        };
        var client = new HttpClient(new EgressHandler(policy, time, sockets)) { Timeout = Timeout.InfiniteTimeSpan };
        client.DefaultRequestHeaders.UserAgent.Add(ProductInfoHeaderValue.Parse(policy.UserAgent));
        return client;
    }

    private async ValueTask<Stream> ConnectAsync(EgressPolicy policy, SocketsHttpConnectionContext context, CancellationToken ct)
    {
        var (host, port) = (context.DnsEndPoint.Host.Trim('[', ']'), context.DnsEndPoint.Port);
        IPAddress[] addresses;
        try
        {
            addresses = IPAddress.TryParse(host, out var literal) ? [literal] : await Resolve(host, ct);
        }
        catch (SocketException e)
        {
            throw new EgressException(EgressFailure.UnknownHost, e);
        }
        var isOperators = string.Equals(policy.OperatorHost, $"{host}:{port}", StringComparison.OrdinalIgnoreCase);
        var listed = IsListed(host, port);
        // One private address among public ones is a trap, not a choice.
        if (
            addresses.Length == 0
            || !isOperators
                && !Array.TrueForAll(addresses, address => PublicAddress.Is(address) || (listed && IPAddress.IsLoopback(address)))
        )
        {
            throw new EgressException(addresses.Length == 0 ? EgressFailure.UnknownHost : EgressFailure.PrivateAddress);
        }
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(addresses, port, ct);
            if (policy.IsRecipient && _recipients.Count < MostRecipients && Array.Exists(addresses, PublicAddress.Is))
            {
                _recipients.TryAdd((policy.Name, host.ToLowerInvariant()), true);
            }
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch (Exception e)
        {
            socket.Dispose();
            throw e is SocketException ? new EgressException(EgressFailure.Unreachable, e) : e;
        }
    }

    public void Dispose()
    {
        foreach (var client in _clients.Values)
        {
            client.Dispose();
        }
    }
}
