using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Tenet.Kernel.Mail;
using Tenet.Tests.Support;
using Xunit;

namespace Tenet.Tests.Kernel.Mail;

public sealed class MailSinkTests(TestCluster cluster)
{
    private readonly CancellationToken _ct = TestContext.Current.CancellationToken;

    [Fact]
    public async Task Letters_are_shown_as_text_and_only_addresses_become_links()
    {
        await using var app = await KernelApp.StartAsync(cluster, await cluster.CreateDatabaseAsync());
        var mailer = app.Services.GetRequiredService<Mailer>();
        var letter = new Letter(
            "ann<b>@example.com",
            "<script>alert('subject')</script>",
            "Open https://shop.test/link?a=1&b=2 or https://x\"onmouseover=\"alert(1) <img src=x onerror=alert(1)>"
        );
        await app.System.RunAsync(s => mailer.SendAsync(s, letter, _ct), _ct);
        using var client = app.Client();

        var page = await client.GetStringAsync("/dev/mail", _ct);

        page.ShouldContain("<a href=\"https://shop.test/link?a=1&amp;b=2\">");
        page.ShouldContain("&lt;script&gt;");
        page.ShouldNotContain("<script");
        page.ShouldNotContain("<img");
        page.ShouldNotContain("<b>");
        page.ShouldNotContain("\"onmouseover");
    }

    [Fact]
    public async Task With_a_relay_there_is_no_mailbox_to_look_into()
    {
        await using var app = await KernelApp.StartAsync(
            cluster,
            await cluster.CreateDatabaseAsync(),
            options: kernel =>
                kernel with
                {
                    Mail = new MailOptions { Host = "127.0.0.1", Port = 1 },
                    Background = false,
                }
        );
        using var client = app.Client();

        (await client.GetAsync("/dev/mail", _ct)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task An_installation_that_others_know_by_name_has_no_mailbox()
    {
        await using var app = await KernelApp.StartAsync(
            cluster,
            await cluster.CreateDatabaseAsync(),
            options: kernel => kernel with { Arrival = kernel.Arrival with { AllowedHosts = ["chat.example.com"] }, Background = false }
        );
        using var client = app.Client();

        (await client.GetAsync("/dev/mail", _ct)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    [Theory]
    [InlineData("X-Forwarded-For")]
    [InlineData("Forwarded")]
    [InlineData("Via")]
    public async Task What_a_proxy_passes_on_reads_no_letters(string header)
    {
        await using var app = await KernelApp.StartAsync(cluster, await cluster.CreateDatabaseAsync());
        using var client = app.Client();
        client.DefaultRequestHeaders.TryAddWithoutValidation(header, "1.1 proxy");

        (await client.GetAsync("/dev/mail", _ct)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }
}
