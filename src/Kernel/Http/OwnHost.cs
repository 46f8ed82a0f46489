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
