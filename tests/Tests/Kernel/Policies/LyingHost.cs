using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Tenet.Tests.Kernel.Policies;

/// <summary>Stands where Tenet's host should, and does what it never would: other cookies, no limits, an older TLS.</summary>
internal sealed class LyingHost : IDisposable
{
    private readonly TcpListener _plain = new(IPAddress.Loopback, 0);
    private readonly TcpListener _tls = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _ended = new();
    private readonly X509Certificate2 _certificate = Make();

    public LyingHost()
    {
        _plain.Start();
        _tls.Start();
        _ = ServeAsync(_plain, AnswerAsync);
        _ = ServeAsync(_tls, ShakeHandsAsync);
    }

    /// <summary>Sent with every answer.</summary>
    public string Header { get; set; } = "";

    public Uri Plain => new($"http://127.0.0.1:{((IPEndPoint)_plain.LocalEndpoint).Port}");

    /// <summary>Speaks TLS 1.2 and nothing newer.</summary>
    public Uri Older => new($"https://127.0.0.1:{((IPEndPoint)_tls.LocalEndpoint).Port}");

    private async Task ServeAsync(TcpListener listener, Func<Stream, Task> serve)
    {
        while (!_ended.IsCancellationRequested)
        {
            try
            {
                using var client = await listener.AcceptTcpClientAsync(_ended.Token);
                await serve(client.GetStream());
            }
            catch (Exception e) when (e is IOException or SocketException or AuthenticationException or OperationCanceledException)
            {
                // The next one.
            }
        }
    }

    private async Task AnswerAsync(Stream stream)
    {
        using var reader = new StreamReader(stream, Encoding.ASCII, leaveOpen: true);
        while (await reader.ReadLineAsync(_ended.Token) is { Length: > 0 }) { }
        await stream.WriteAsync(
            Encoding.ASCII.GetBytes($"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n{Header}\r\n"),
            _ended.Token
        );
    }

    private async Task ShakeHandsAsync(Stream stream)
    {
        await using var tls = new SslStream(stream);
        await tls.AuthenticateAsServerAsync(
            new SslServerAuthenticationOptions { ServerCertificate = _certificate, EnabledSslProtocols = SslProtocols.Tls12 },
            _ended.Token
        );
    }

    private static X509Certificate2 Make()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var made = new CertificateRequest("CN=liar.example", key, HashAlgorithmName.SHA256).CreateSelfSigned(
            DateTimeOffset.UtcNow.AddDays(-1),
            DateTimeOffset.UtcNow.AddDays(1)
        );
        return X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pfx), null);
    }

    public void Dispose()
    {
        _ended.Cancel();
        _plain.Dispose();
        _tls.Dispose();
        _certificate.Dispose();
        _ended.Dispose();
    }
}
