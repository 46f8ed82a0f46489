using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Shouldly;
using Tenet.Accounts;
using Xunit;

namespace Tenet.Tests.Accounts;

/// <summary>Links in letters and the origin of passkeys: never what a Host header says.</summary>
public sealed class PublicAddressTests
{
    [Theory]
    [InlineData("127.0.0.1:8080", "http://127.0.0.1:8080/")]
    [InlineData("localhost:8080", "http://localhost:8080/")]
    [InlineData("[::1]:8080", "http://[::1]:8080/")]
    [InlineData("evil.example", "http://127.0.0.1:9/")]
    [InlineData("localhost.evil.example", "http://127.0.0.1:9/")]
    [InlineData("127.0.0.1@evil.example", "http://127.0.0.1:9/")]
    [InlineData("10.0.0.1", "http://127.0.0.1:9/")]
    [InlineData("", "http://127.0.0.1:9/")]
    public void Without_a_configured_address_only_this_machines_own_names_count(string header, string root) =>
        Of(new AccountsOptions(), header).ToString().ShouldBe(root);

    [Theory]
    [InlineData("127.0.0.1:8080")]
    [InlineData("localhost")]
    [InlineData("evil.example")]
    [InlineData("chat.example.com.evil.example")]
    public void The_configured_address_counts_whatever_the_header_says(string header) =>
        Of(new AccountsOptions(new Uri("https://chat.example.com/")), header).ToString().ShouldBe("https://chat.example.com/");

    private static Uri Of(AccountsOptions options, string header)
    {
        var http = new DefaultHttpContext();
        http.Request.Scheme = "http";
        http.Request.Headers.Host = header;
        return new PublicAddress(options, new Server()).For(http.Request);
    }

    private sealed class Server : IServer
    {
        public Server()
        {
            var addresses = new ServerAddressesFeature();
            addresses.Addresses.Add("http://127.0.0.1:9");
            Features.Set<IServerAddressesFeature>(addresses);
        }

        public IFeatureCollection Features { get; } = new FeatureCollection();

        public Task StartAsync<TContext>(IHttpApplication<TContext> application, CancellationToken cancellationToken)
            where TContext : notnull => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public void Dispose() { }
    }
}
