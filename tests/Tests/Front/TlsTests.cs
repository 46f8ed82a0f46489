using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Shouldly;
using Tenet.Front;
using Tenet.Tests.Support;
using Xunit;

namespace Tenet.Tests.Front;

public sealed class TlsTests(TestCluster cluster) : IDisposable
{
    private readonly CancellationToken _ct = TestContext.Current.CancellationToken;
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("tenet-tls-");

    private string At(string name) => Path.Combine(_folder.FullName, name);

    [Theory]
    [InlineData("1.2", SslProtocols.Tls12, true)]
    [InlineData("1.2", SslProtocols.Tls13, true)]
    [InlineData("1.3", SslProtocols.Tls12, false)]
    [InlineData("1.3", SslProtocols.Tls13, true)]
    public async Task Https_is_served_in_the_versions_that_are_set(string minimum, SslProtocols asked, bool works)
    {
        WritePem("one.example");
        await using var host = await StartAsync(
            "crm",
            new TlsOptions
            {
                Certificate = At("cert.pem"),
                Key = At("key.pem"),
                Minimum = minimum,
            }
        );
        if (works)
        {
            (await SubjectAsync(host, asked)).ShouldBe("CN=one.example");
        }
        else
        {
            await Should.ThrowAsync<Exception>(() => SubjectAsync(host, asked));
        }
    }

    [Theory]
    [InlineData("crm", true)]
    [InlineData("support-widget", false)]
    public async Task The_policy_in_force_says_which_versions_are_refused(string policy, bool speaksOlder)
    {
        WritePem("one.example");
        await using var host = await StartAsync(policy, new TlsOptions { Certificate = At("cert.pem"), Key = At("key.pem") });

        (await SubjectAsync(host, SslProtocols.Tls13)).ShouldBe("CN=one.example");
        if (speaksOlder)
        {
            (await SubjectAsync(host, SslProtocols.Tls12)).ShouldBe("CN=one.example");
        }
        else
        {
            await Should.ThrowAsync<Exception>(() => SubjectAsync(host, SslProtocols.Tls12));
        }
    }

    [Fact]
    public async Task Answers_over_https_bind_browsers_to_it()
    {
        WritePem("one.example");
        await using var host = await StartAsync(new TlsOptions { Certificate = At("cert.pem"), Key = At("key.pem") });
        using var client = Trusting(host);
        using var answer = await client.GetAsync("/health/live", _ct);
        answer.Headers.GetValues("Strict-Transport-Security").ShouldBe(["max-age=31536000"]);
    }

    [Fact]
    public async Task A_renewed_certificate_is_taken_without_a_restart_and_a_broken_one_is_not()
    {
        WritePem("one.example");
        var time = new MovableTime();
        var certificate = new TlsCertificate(new TlsOptions { Certificate = At("cert.pem"), Key = At("key.pem") }, time);
        string Subject() => certificate.Current().ServerCertificateContext!.TargetCertificate.Subject;
        Subject().ShouldBe("CN=one.example");

        await File.WriteAllTextAsync(At("cert.pem"), "half written", _ct);
        time.Move(TimeSpan.FromSeconds(6));
        Subject().ShouldBe("CN=one.example");

        WritePem("two.example");
        time.Move(TimeSpan.FromSeconds(6));
        Subject().ShouldBe("CN=two.example");
    }

    [Fact]
    public async Task A_running_host_serves_the_renewed_certificate()
    {
        WritePem("one.example");
        await using var host = await StartAsync(new TlsOptions { Certificate = At("cert.pem"), Key = At("key.pem") });
        (await SubjectAsync(host, SslProtocols.None)).ShouldBe("CN=one.example");
        WritePem("two.example");
        for (var tries = 0; tries < 100 && await SubjectAsync(host, SslProtocols.None) is "CN=one.example"; tries++)
        {
            await Task.Delay(100, _ct);
        }
        (await SubjectAsync(host, SslProtocols.None)).ShouldBe("CN=two.example");
    }

    [Fact]
    public async Task A_pfx_with_its_password_serves_too()
    {
        using var made = Make("pfx.example");
        await File.WriteAllBytesAsync(At("host.pfx"), made.Export(X509ContentType.Pkcs12, "letmein"), _ct);
        await using var host = await StartAsync(new TlsOptions { Certificate = At("host.pfx"), Password = "letmein" });
        (await SubjectAsync(host, SslProtocols.None)).ShouldBe("CN=pfx.example");
    }

    [Fact]
    public void Files_that_cannot_be_used_stop_the_start_with_a_sentence()
    {
        var missing = Should.Throw<InvalidOperationException>(() =>
            new TlsCertificate(new TlsOptions { Certificate = At("nothing.pem"), Key = At("key.pem") }, TimeProvider.System)
        );
        missing.Message.ShouldContain("nothing.pem");
        Should.Throw<InvalidOperationException>(() => new TlsOptions { Minimum = "1.0" }.Protocols());
    }

    [Fact]
    public async Task Plain_http_sends_readers_to_https_and_refuses_what_would_change_something()
    {
        WritePem("one.example");
        var plain = TenetProcess.FreePort();
        await using var host = await StartAsync(
            new TlsOptions
            {
                Certificate = At("cert.pem"),
                Key = At("key.pem"),
                RedirectPort = plain,
            }
        );
        using var client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false });
        using var read = await client.GetAsync(new Uri($"http://localhost:{plain}/sign-in?a=%20b"), _ct);
        read.StatusCode.ShouldBe(HttpStatusCode.PermanentRedirect);
        read.Headers.Location!.OriginalString.ShouldStartWith("https://localhost");
        read.Headers.Location.OriginalString.ShouldEndWith("/sign-in?a=%20b");
        using var sent = await client.PostAsync(new Uri($"http://localhost:{plain}/sign-in/links"), null, _ct);
        sent.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
    }

    private Task<TestHost> StartAsync(TlsOptions tls) => StartAsync("support-widget", tls);

    private Task<TestHost> StartAsync(string policy, TlsOptions tls) =>
        cluster.StartHostAsync(
            background: false,
            settings: options => options with { Tls = tls, Policies = options.Policies with { Default = policy } }
        );

    private async Task<string> SubjectAsync(TestHost host, SslProtocols protocols)
    {
        using var tcp = new TcpClient();
        await tcp.ConnectAsync(host.Address.Host, host.Address.Port, _ct);
        await using var tls = new SslStream(tcp.GetStream(), leaveInnerStreamOpen: false, (_, _, _, _) => true);
        await tls.AuthenticateAsClientAsync(
            new SslClientAuthenticationOptions { TargetHost = "localhost", EnabledSslProtocols = protocols },
            _ct
        );
        return tls.RemoteCertificate!.Subject;
    }

    private static HttpClient Trusting(TestHost host) =>
        new(new SocketsHttpHandler { SslOptions = { RemoteCertificateValidationCallback = (_, _, _, _) => true } })
        {
            BaseAddress = host.Address,
        };

    private void WritePem(string name)
    {
        using var made = Make(name);
        File.WriteAllText(At("key.pem"), made.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem());
        File.WriteAllText(At("cert.pem"), made.ExportCertificatePem());
    }

    private static X509Certificate2 Make(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(30));
    }

    public void Dispose() => _folder.Delete(recursive: true);
}
