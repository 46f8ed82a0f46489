using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Tenet.Kernel.Http;
using Tenet.Kernel.Workspaces;
using Tenet.Privacy;
using Tenet.Privacy.Alerts;
using Tenet.Tests.Support;
using Xunit;

namespace Tenet.Tests.Privacy;

public sealed class AlertAddressTests(TestCluster cluster)
{
    [Theory]
    [InlineData("http://shop.example/alerts")]
    [InlineData("https://10.0.0.5/alerts")]
    [InlineData("https://[::1]/alerts")]
    [InlineData("https://localhost/alerts")]
    [InlineData("https://intranet/alerts")]
    [InlineData("https://user:word@shop.example/alerts")]
    [InlineData("https://shop.example/alerts#part")]
    [InlineData("ftp://shop.example")]
    [InlineData("")]
    public async Task An_address_that_is_not_https_on_the_public_internet_is_refused(string url)
    {
        var workspace = await cluster.Host.OpenWorkspaceAsync();

        await Should.ThrowAsync<RuleException>(() =>
            cluster.Host.Door.RunAsync(
                workspace.Id,
                Actor.System,
                ctx => ctx.Services.GetRequiredService<AlertHooks>().SetAsync(ctx, url, TestContext.Current.CancellationToken),
                TestContext.Current.CancellationToken
            )
        );
    }

    [Fact]
    public void An_operators_receiver_without_a_secret_is_refused_at_the_start() =>
        Should
            .Throw<InvalidOperationException>(() =>
                new ServiceCollection().AddAlerts(new OperatorOptions { AlertUrl = new Uri("https://ops.example"), AlertSecret = "geheim" })
            )
            .Message.ShouldContain("Operator__AlertSecret");
}
