using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

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
    private readonly ConcurrentDictionary<OutgoingCall, DateTimeOffset> _calls = new();
    private readonly HashSet<string> _loopback = new(options.Loopback, StringComparer.OrdinalIgnoreCase);

    /// <summary>Looks a name up; replaced by tests that need a host to change its address between two look-ups.</summary>
    internal Func<string, CancellationToken, Task<IPAddress[]>> Resolve { get; set; } = Dns.GetHostAddressesAsync;

    /// <summary>What counts as outside; replaced by tests, whose world is this machine.</summary>
    internal Func<IPAddress, bool> IsOutside { get; set; } = PublicAddress.Is;

    /// <summary>Whose certificates are believed; the system's own when null. For tests, whose hosts nobody vouches for.</summary>
    internal X509ChainPolicy? Trusts { get; init; }

    /// <summary>The versions of TLS that may be spoken to those who receive data, by the policies in force.</summary>
    internal Func<CancellationToken, ValueTask<SslProtocols>>? Allowed { get; init; }

    /// <summary>Whom in the world something was sent to since the start, and when a connection was made last.</summary>
    internal IReadOnlyCollection<OutgoingCall> Calls => [.. _calls.Select(call => call.Key with { At = call.Value })];

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
            SslOptions = { CertificateChainPolicy = Trusts },
            PlaintextStreamFilter = (context, ct) => DemandTlsAsync(policy, context, ct),
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
            || !isOperators && !Array.TrueForAll(addresses, address => IsOutside(address) || (listed && IPAddress.IsLoopback(address)))
        )
        {
            throw new EgressException(addresses.Length == 0 ? EgressFailure.UnknownHost : EgressFailure.PrivateAddress);
        }
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(addresses, port, ct);
            if (policy.IsRecipient && _recipients.Count < MostRecipients && Array.Exists(addresses, address => IsOutside(address)))
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

    // Before anything is sent: whoever outside receives data is called over TLS, in a version that the policies in force allow.
    private async ValueTask<Stream> DemandTlsAsync(
        EgressPolicy policy,
        SocketsHttpPlaintextStreamFilterContext context,
        CancellationToken ct
    )
    {
        var host = context.InitialRequestMessage.RequestUri!.IdnHost.Trim('[', ']').ToLowerInvariant();
        if (!policy.IsRecipient || !_recipients.ContainsKey((policy.Name, host)))
        {
            return context.PlaintextStream;
        }
        var spoken = (context.PlaintextStream as SslStream)?.SslProtocol ?? SslProtocols.None;
        if (spoken == SslProtocols.None || (await AllowedAsync(ct) & spoken) == SslProtocols.None)
        {
            throw new EgressException(EgressFailure.WeakTls);
        }
        _calls[new OutgoingCall(policy.Name, host, OutgoingCall.Word(spoken))] = time.GetUtcNow();
        return context.PlaintextStream;
    }

    private async ValueTask<SslProtocols> AllowedAsync(CancellationToken ct)
    {
        try
        {
            return Allowed is null ? OutgoingCall.Usual : await Allowed(ct);
        }
        catch (Exception e) when (e is Npgsql.NpgsqlException or TimeoutException or IOException)
        {
            // Errors are reported while the database is away, too.
            return OutgoingCall.Usual;
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
