using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Tenet.Kernel.Http;
using Tenet.Kernel.Policies;
using Tenet.Kernel.Workspaces;
using Tenet.Privacy;
using Tenet.Privacy.Alerts;
using Tenet.Tests.Support;
using Xunit;

namespace Tenet.Tests.Privacy;

/// <summary>On a database of its own, whose operator has a receiver too.</summary>
public sealed class AlertTests(TestCluster cluster) : IAsyncLifetime
{
    private const string OperatorSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

    private readonly AlertReceiver[] _receivers = new AlertReceiver[2];
    private TestHost _host = null!;
    private Workspace _workspace = null!;

    private AlertReceiver Own => _receivers[0];
    private AlertReceiver Operators => _receivers[1];

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _receivers[0] = await AlertReceiver.StartAsync();
        _receivers[1] = await AlertReceiver.StartAsync();
        _host = await cluster.StartHostAsync(settings: options =>
            options with
            {
                Operator = new OperatorOptions { AlertUrl = Operators.Address, AlertSecret = OperatorSecret },
                Policies = options.Policies with { Probing = false },
            }
        );
        _workspace = await _host.OpenWorkspaceAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _host.DisposeAsync();
        await Own.DisposeAsync();
        await Operators.DisposeAsync();
    }

    [Fact]
    public async Task A_break_and_its_end_are_posted_signed_to_the_workspaces_receiver_and_the_operators()
    {
        var secret = await SetAsync();

        await SeeAsync(Verdict.Broken);
        await DeliveredAsync(2);
        await SeeAsync(Verdict.Broken);
        await SeeAsync(Verdict.Holds);
        await DeliveredAsync(4);

        foreach (var (receiver, key) in new[] { (Own, secret), (Operators, OperatorSecret) })
        {
            var told = receiver.Received.ToList();
            told.Select(alert => alert.Json.GetProperty("type").GetString())
                .ShouldBe(["policy.promise.broken", "policy.promise.recovered"]);
            foreach (var alert in told)
            {
                alert.Signature.ShouldBe(WebhookSecret.Parse(key)!.Sign(alert.Id, alert.Timestamp, Encoding.UTF8.GetBytes(alert.Body)));
                alert.Json.GetProperty("id").GetString().ShouldBe(alert.Id);
            }
            var data = told[0].Json.GetProperty("data");
            data.GetProperty("workspace").GetGuid().ShouldBe(_workspace.Id);
            data.GetProperty("promise").GetString().ShouldBe("widget.13");
            data.GetProperty("state").GetString().ShouldBe("broken");
            data.GetProperty("evidence").GetString().ShouldBe("3 rows in inbox.message");
            told[1].Json.GetProperty("data").GetProperty("state").GetString().ShouldBe("holds");
        }
    }

    [Fact]
    public async Task A_receiver_that_fails_is_asked_again_under_the_same_id()
    {
        await SetAsync();
        Own.Answers.Enqueue(500);
        Own.Answers.Enqueue(302);

        await SeeAsync(Verdict.Broken);
        await DeliveredAsync(2);

        Own.Received.Count.ShouldBe(3);
        Own.Received.Select(alert => alert.Id).Distinct().Count().ShouldBe(1);
        (await _host.AsOwnerAsync<int>("select attempts from privacy.alert_message where receiver = 'workspace'")).ShouldBe(3);
    }

    [Fact]
    public async Task What_turns_out_to_lie_inside_a_network_is_not_called()
    {
        await SetAsync();
        // As when a name on the public internet begins to point here.
        await InAsync(async ctx =>
        {
            var id = await ctx.ScalarAsync<Guid>($"select id from privacy.alert_hook", Ct);
            var url = await ctx
                .Services.GetRequiredService<Tenet.Kernel.Vault.WorkspaceVault>()
                .SealAsync(ctx, AlertHook.UrlPlace(id), "https://127.0.0.1:9/", Ct);
            await ctx.ExecuteAsync($"update privacy.alert_hook set url = {url}", Ct);
        });

        await SeeAsync(Verdict.Broken);

        await _host.WaitUntilAsync(
            "select exists (select from privacy.alert_message where receiver = 'workspace' and state = 'waiting' and outcome = 'private_address')"
        );
        Own.Received.ShouldBeEmpty();
    }

    [Fact]
    public async Task Address_and_secret_are_sealed_and_a_new_address_has_a_new_secret()
    {
        var first = await SetAsync();
        var second = await SetAsync();

        second.ShouldNotBe(first);
        (await _host.AsOwnerAsync<long>("select count(*) from privacy.alert_hook")).ShouldBe(1);
        var stored = (
            await _host.AsOwnerAsync<string>("select encode(url, 'escape') || encode(secret, 'escape') || host from privacy.alert_hook")
        )!;
        stored.ShouldNotContain("in-the-address");
        stored.ShouldNotContain(second);
        stored.ShouldEndWith("127.0.0.1");
    }

    [Fact]
    public async Task Without_an_address_only_the_operator_is_told()
    {
        await SeeAsync(Verdict.Broken);
        await DeliveredAsync(1);

        Operators.Received.Count.ShouldBe(1);
        Own.Received.ShouldBeEmpty();
    }

    private Task<string> SetAsync()
    {
        _host.Services.GetRequiredService<Egress>().AllowLoopback(Own.Address.Authority);
        return _host.Door.RunAsync(
            _workspace.Id,
            Actor.System,
            ctx => ctx.Services.GetRequiredService<AlertHooks>().SetAsync(ctx, Own.Address.AbsoluteUri, Ct),
            Ct
        );
    }

    private Task InAsync(Func<WorkspaceContext, Task> work) => _host.Door.RunAsync(_workspace.Id, Actor.System, work, Ct);

    private async Task SeeAsync(Verdict verdict)
    {
        var policy = await _host.Services.GetRequiredService<PolicyBook>().OfAsync(_workspace.Id, Ct);
        var promise = policy.Promises.Single(known => known.Id == "widget.13");
        var look = (promise, 0, new Finding(verdict, "3 rows in inbox.message", 3, "ab"), DateTimeOffset.UtcNow);
        await InAsync(ctx => PromiseLedger.WriteAsync(ctx, [look], Ct));
    }

    private Task DeliveredAsync(int count) =>
        _host.WaitUntilAsync($"select count(*) = {count} from privacy.alert_message where state = 'delivered'");
}
