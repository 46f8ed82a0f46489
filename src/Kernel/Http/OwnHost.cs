using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;

namespace Tenet.Kernel.Http;

/// <summary>
/// Tenet's own host as a stranger sees it, for probes that look at what it answers. Only its own address can be asked: <see cref="Egress"/> stays
/// closed to this machine.
/// </summary>
public sealed class OwnHost : IDisposable
{
    private const int MaxBytes = 1_000_000;

    private readonly IServer? _server;
    private readonly HttpClient _client = new(
        new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = false,
            ActivityHeadersPropagator = null,
            // It asks itself, by a name that the certificate need not have.
            SslOptions = { RemoteCertificateValidationCallback = (_, _, _, _) => true },
        }
    )
    {
        Timeout = TimeSpan.FromSeconds(10),
        MaxResponseContentBufferSize = MaxBytes,
    };

    public OwnHost(IServer? server = null) => _server = server;

    /// <summary>Where the host listens: its own server's address, or for a command the running host's. Null when nothing runs.</summary>
    public Uri? Address
    {
        get => field ?? (_server?.Features.Get<IServerAddressesFeature>()?.Addresses.FirstOrDefault() is { } own ? new Uri(own) : null);
        set;
    }

    /// <summary>What the host answers to, as it was composed.</summary>
    public Func<IEnumerable<Endpoint>> Endpoints { get; set; } = () => [];

    /// <summary>It listens on more than this machine's own address.</summary>
    public bool IsReachedFromOutside { get; set; }

    /// <summary>Shakes hands with the host over TLS, whatever its certificate.</summary>
    /// <param name="versions">That the client offers; none leaves it to the system.</param>
    /// <returns>The version that both agreed on; null when they did not.</returns>
    internal async Task<SslProtocols?> HandshakeAsync(SslProtocols versions, CancellationToken ct)
    {
        var root = Address ?? throw new InvalidOperationException("The host does not run.");
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(TimeSpan.FromSeconds(5));
        try
        {
            using var socket = new TcpClient();
            await socket.ConnectAsync(root.Host, root.Port, limit.Token);
            await using var tls = new SslStream(socket.GetStream());
            await tls.AuthenticateAsClientAsync(
                new SslClientAuthenticationOptions
                {
                    TargetHost = root.Host,
                    EnabledSslProtocols = versions,
                    RemoteCertificateValidationCallback = (_, _, _, _) => true,
                },
                limit.Token
            );
            return tls.SslProtocol;
        }
        catch (Exception e)
            when (e is AuthenticationException or IOException or SocketException or NotSupportedException
                || (e is OperationCanceledException && !ct.IsCancellationRequested)
            )
        {
            return null;
        }
    }

    /// <param name="path">Of this host: <c>/sign-in</c>.</param>
    /// <exception cref="HttpRequestException">It does not answer.</exception>
    /// <exception cref="InvalidOperationException">Nothing runs, or the path leads elsewhere.</exception>
    public async Task<HttpResponseMessage> GetAsync(string path, CancellationToken ct)
    {
        var root = Address ?? throw new InvalidOperationException("The host does not run.");
        var url = new Uri(root, path);
        return url.Authority == root.Authority && url.Scheme == root.Scheme
            ? await _client.GetAsync(url, ct)
            : throw new InvalidOperationException("The path leads to another host.");
    }

    public void Dispose() => _client.Dispose();
}
