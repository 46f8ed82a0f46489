using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Tenet.Kernel.Policies;
using Tenet.Kernel.Subjects;
using Tenet.Kernel.Workspaces;
using Tenet.Privacy.Records;
using Tenet.Tests.Inbox;
using Tenet.Tests.Support;
using Xunit;

namespace Tenet.Tests.Privacy;

/// <summary>On a database of its own, where versions of the policy come into force.</summary>
public sealed class LapsedBasisTests(TestCluster cluster) : IAsyncLifetime
{
    private const string Answers = """
          - id: shop.1
            says: Answers rest on a legitimate interest.
            claim: legal_basis
            purpose: essential.service.assistant
            basis: legitimate_interest
            role: processor
        """;

    private const string News = """
          - id: shop.2
            says: News go to those who asked for them.
            claim: opt_in
            confirm_within: 7 days
        """;

    private TestHost _host = null!;
    private Workspace _workspace = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _host = await cluster.StartHostAsync(background: false, settings: options => options with { Policies = new PolicyOptions("shop") });
        await PublishAsync("1", Answers, News);
        _workspace = await _host.OpenWorkspaceAsync();
        await _host.JoinAsync(_workspace, "owner", "lapsed-owner@example.org");
        await RoundAsync();
    }

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task A_version_without_a_basis_stops_the_answers_and_one_that_gives_it_back_starts_them_again()
    {
        (await AsksForTurnAsync()).ShouldBeTrue();

        await PublishAsync("2", News);
        await RoundAsync();
        await RoundAsync();

        (await AsksForTurnAsync()).ShouldBeFalse();
        (await WantsNewsAsync()).ShouldBe(HttpStatusCode.Accepted);
        (await CountAsync("audit.entry where action = 'purpose.lapsed' and workspace_id = $1")).ShouldBe(1);
        (await CountAsync("kernel.mail where workspace_id = $1")).ShouldBe(2);

        await PublishAsync("3", Answers, News);
        await RoundAsync();

        (await AsksForTurnAsync()).ShouldBeTrue();
    }

    [Fact]
    public async Task What_an_owner_lets_go_on_is_not_stopped_a_second_time_and_what_an_owner_stopped_stays_so()
    {
        await PublishAsync("2", News);
        await RoundAsync();
        await DoAsync(ctx => Purposes.ResumeAsync(ctx, Tenet.Kernel.DataMaps.Purpose.Assistance, Ct));
        await RoundAsync();
        (await AsksForTurnAsync()).ShouldBeTrue();

        await DoAsync(ctx => Purposes.StopAsync(ctx, Purposes.Marketing, "The contract has ended.", Ct));
        await PublishAsync("3", Answers);
        await RoundAsync();
        await PublishAsync("4", Answers, News);
        await RoundAsync();
        (await WantsNewsAsync()).ShouldBe(HttpStatusCode.Conflict);
    }

    private async Task RoundAsync()
    {
        var policy = await _host.Services.GetRequiredService<PolicyBook>().OfAsync(_workspace.Id, Ct);
        await _host.Services.GetRequiredService<LapsedBases>().RunAsync(_workspace.Id, policy, Ct);
    }

    /// <summary>Publishes a version, and lets its day come.</summary>
    private async Task PublishAsync(string version, params string[] promises)
    {
        var text = $"""
            policy: shop
            version: {version}
            effective: 2026-01-01
            notice: 30 days
            promises:
            {string.Join('\n', promises)}
              - id: shop.9
                says: Rows of workspaces are kept apart.
                claim: isolation
            """;
        await _host
            .Services.GetRequiredService<PublishPolicy>()
            .RunAsync(
                [("shop.yaml", Encoding.UTF8.GetBytes(text))],
                version == "1" ? null : DateOnly.FromDateTime(DateTime.UtcNow).AddDays(31),
                Ct
            );
        if (version != "1")
        {
            // Of two versions of one day the one that was published last is in force.
            await _host.AsOwnerAsync<object>("update kernel.policy_version set effective = current_date where version = $1", version);
            _host.Services.GetRequiredService<PolicyBook>().Forget();
        }
    }

    private Task DoAsync(Func<WorkspaceContext, Task> work) => _host.Door.RunAsync(_workspace.Id, Actor.System, work, Ct);

    private Task<long> CountAsync(string which) => _host.AsOwnerAsync<long>($"select count(*) from {which}", _workspace.Id);

    private async Task<bool> AsksForTurnAsync()
    {
        using var visitor = await WidgetVisitor.ArriveAsync(_host, _workspace);
        return (await visitor.SayAsync("Is Zermatt far?")).GetProperty("turnId").ValueKind != JsonValueKind.Null;
    }

    private async Task<HttpStatusCode> WantsNewsAsync()
    {
        using var client = _host.Client();
        using var answer = await client.PostAsJsonAsync(
            "/api/privacy/marketing",
            new { workspace = _workspace.Slug, email = "news@example.org" },
            Ct
        );
        return answer.StatusCode;
    }
}
