using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Tenet.Kernel.Http;
using Tenet.Tests.Support;
using Xunit;

namespace Tenet.Tests.Kernel.Http;

/// <summary>Here this machine counts as the world outside.</summary>
public sealed class OutgoingTlsTests(TestCluster cluster)
{
    private static readonly EgressPolicy Policy = new("test");

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Whoever_receives_data_is_not_called_without_TLS()
    {
        await using var site = await LoopbackSite.StartAsync(routes => routes.MapGet("/", () => "hello"));
        using var egress = Outside(SslProtocols.Tls12 | SslProtocols.Tls13);

        (await Should.ThrowAsync<EgressException>(() => egress.Client(Policy).GetAsync(site.Address, Ct))).Failure.ShouldBe(
            EgressFailure.WeakTls
        );
        // A site that is only read receives nothing.
        (await egress.Client(Policy with { IsRecipient = false }).GetStringAsync(site.Address, Ct)).ShouldBe("hello");
        egress.Calls.ShouldBeEmpty();
    }

    [Fact]
    public async Task Whoever_receives_data_speaks_a_version_that_the_policies_allow_and_is_written_down()
    {
        using var certificate = Certificate();
        using var host = new TcpListener(IPAddress.Loopback, 0);
        host.Start();
        var serving = ServeAsync(host, certificate);
        var address = new Uri($"https://localhost:{((IPEndPoint)host.LocalEndpoint).Port}/");

        using (var strict = Outside(SslProtocols.Tls13, certificate))
        {
            (await Should.ThrowAsync<EgressException>(() => strict.Client(Policy).GetAsync(address, Ct))).Failure.ShouldBe(
                EgressFailure.WeakTls
            );
            strict.Calls.ShouldBeEmpty();
        }
        using var egress = Outside(SslProtocols.Tls12 | SslProtocols.Tls13, certificate);
        (await egress.Client(Policy).GetStringAsync(address, Ct)).ShouldBe("hello");
        egress.Calls.ShouldHaveSingleItem().Tls.ShouldBe("1.2");

        // A node that comes later knows of it.
        var services = cluster.Host.Services;
        var ledger = ActivatorUtilities.CreateInstance<RecipientLedger>(services, egress);
        await ledger.WriteAsync(Ct);
        var later = ActivatorUtilities.CreateInstance<RecipientLedger>(services, Outside(SslProtocols.Tls13));
        (await later.ReadAsync(Ct)).Select(known => known.Call).ShouldContain(new OutgoingCall("test", "localhost", "1.2"));
        host.Stop();
        await serving;
    }

    private static Egress Outside(SslProtocols allowed, X509Certificate2? trusted = null) =>
        new(new EgressOptions(), TimeProvider.System)
        {
            IsOutside = _ => true,
            Allowed = _ => ValueTask.FromResult(allowed),
            Trusts = trusted is null
                ? null
                : new X509ChainPolicy
                {
                    TrustMode = X509ChainTrustMode.CustomRootTrust,
                    CustomTrustStore = { trusted },
                    RevocationMode = X509RevocationMode.NoCheck,
                },
        };

    private static async Task ServeAsync(TcpListener host, X509Certificate2 certificate)
    {
        try
        {
            while (true)
            {
                using var client = await host.AcceptTcpClientAsync(Ct);
                await using var tls = new SslStream(client.GetStream());
                await tls.AuthenticateAsServerAsync(
                    new SslServerAuthenticationOptions { ServerCertificate = certificate, EnabledSslProtocols = SslProtocols.Tls12 },
                    Ct
                );
                using var reader = new StreamReader(tls, Encoding.ASCII, leaveOpen: true);
                while (await reader.ReadLineAsync(Ct) is { Length: > 0 }) { }
                await tls.WriteAsync("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello"u8.ToArray(), Ct);
            }
        }
        catch (Exception e) when (e is IOException or SocketException or AuthenticationException or ObjectDisposedException)
        {
            // The host was stopped.
        }
    }

    private static X509Certificate2 Certificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        request.CertificateExtensions.Add(names.Build());
        using var made = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        return X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pfx), null);
    }
}
