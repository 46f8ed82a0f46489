using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Tenet.Kernel.Http;
using Tenet.Kernel.Mail;
using Tenet.Kernel.Policies;
using Tenet.Kernel.Workspaces;
using Tenet.Privacy;
using Tenet.Privacy.Recipients;
using Tenet.Tests.Support;
using Xunit;

namespace Tenet.Tests.Privacy;

public sealed class SubprocessorTests(TestCluster cluster)
{
    private readonly TestHost _host = cluster.Host;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_models_host_that_is_not_listed_breaks_the_promise_and_shows()
    {
        var workspace = await _host.OpenWorkspaceAsync();
        (await StateAsync(_host, workspace)).ShouldBe(PromiseState.Holds);

        await SetModelAsync(workspace, "https://api.openai.com/v1");
        (await StateAsync(_host, workspace)).ShouldBe(PromiseState.Holds);

        await SetModelAsync(workspace, "https://models.hidden.example/v1");
        (await StateAsync(_host, workspace)).ShouldBe(PromiseState.Broken);
        var page = await PublicPagesTests.PageAsync(_host, $"/trust/{workspace.Slug}/subprocessors");
        page.ShouldContain("models.hidden.example");
        page.ShouldContain("in use, not listed");

        await SetModelAsync(workspace, "http://127.0.0.1:8080/v1");
        (await StateAsync(_host, workspace)).ShouldBe(PromiseState.Holds);
    }

    [Fact]
    public async Task A_mail_relay_must_be_listed_by_the_operator()
    {
        var relay = new MailOptions { Host = "smtp.relay.example" };
        await using var hidden = await cluster.StartHostAsync(background: false, settings: options => options with { Mail = relay });
        (await StateAsync(hidden, await hidden.OpenWorkspaceAsync())).ShouldBe(PromiseState.Broken);

        await using var listed = await cluster.StartHostAsync(
            background: false,
            settings: options =>
                options with
                {
                    Mail = relay,
                    Operator = new OperatorOptions { Subprocessors = ["Relay | carries letters | Norway | *.relay.example"] },
                }
        );
        (await StateAsync(listed, await listed.OpenWorkspaceAsync())).ShouldBe(PromiseState.Holds);
        (await PublicPagesTests.PageAsync(listed, "/subprocessors")).ShouldContain("carries letters");
    }

    [Theory]
    [InlineData("A | b | c | api.example.com", "api.example.com", true)]
    [InlineData("A | b | c | api.example.com", "x.api.example.com", false)]
    [InlineData("A | b | c | *.example.com", "API.example.com", true)]
    [InlineData("A | b | c | *.example.com", "example.com", false)]
    [InlineData("A | b | c | *.example.com", "badexample.com", false)]
    public void A_recipient_covers_its_host(string line, string host, bool covered) =>
        Recipient.Parse(line)!.Covers(host).ShouldBe(covered);

    [Theory]
    [InlineData("")]
    [InlineData("A | b | c")]
    [InlineData("A | b | c | two words")]
    [InlineData("A || c | example.com")]
    [InlineData("A | b | c | https://example.com/")]
    public void What_is_no_recipient_is_refused(string line) => Recipient.Parse(line).ShouldBeNull();

    [Theory]
    [InlineData("127.0.0.1", true)]
    [InlineData("10.1.2.3", true)]
    [InlineData("/var/run/postgresql", true)]
    [InlineData("db", true)]
    [InlineData("db.internal", true)]
    [InlineData("8.8.8.8", false)]
    [InlineData("api.example.com", false)]
    public void The_own_network_is_no_recipient(string host, bool own) => OwnNetwork.Holds(host).ShouldBe(own);

    private static async Task<PromiseState> StateAsync(TestHost host, Workspace workspace)
    {
        var policy = await host.Services.GetRequiredService<PolicyBook>().OfAsync(workspace.Id, Ct);
        var reports = await host
            .Services.GetRequiredService<Prober>()
            .LookAsync(workspace.Id, policy with { Promises = [policy.Promises.Single(promise => promise.Id == "house.recipients")] }, Ct);
        return reports.ShouldHaveSingleItem().State;
    }

    private Task<int> SetModelAsync(Workspace workspace, string address) =>
        _host.AsOwnerAsync<int>(
            """
            insert into assistant.settings (workspace_id, id, provider, model, base_url, max_output_tokens, over_budget, changed_at)
            values ($1, $1, 'compatible', 'm', $2, 100, 'from_pages', now()) on conflict (workspace_id, id) do update set base_url = excluded.base_url
            """,
            workspace.Id,
            address
        );
}
