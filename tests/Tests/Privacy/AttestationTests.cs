using System.Net;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Tenet.Kernel.Blobs;
using Tenet.Kernel.Http;
using Tenet.Kernel.Policies;
using Tenet.Kernel.Workspaces;
using Tenet.Privacy.Attestations;
using Tenet.Tests.Support;
using Xunit;

namespace Tenet.Tests.Privacy;

public sealed class AttestationTests(TestCluster cluster)
{
    private const string Drill = "An incident drill was held.";

    private readonly TestHost _host = cluster.Host;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Evidence_counts_until_it_ends_or_is_taken_back()
    {
        var workspace = await _host.OpenWorkspaceAsync();
        var admin = await _host.JoinAsync(workspace, "admin");
        (await StateAsync(_host, workspace)).ShouldBe(PromiseState.Unknown);

        await GiveAsync(workspace, admin, "Minutes of the drill, folder 7.", new DateOnly(2099, 1, 1), null);
        (await StateAsync(_host, workspace)).ShouldBe(PromiseState.Holds);
        var asked = (await ListAsync(workspace)).Single(one => one.What == Drill);
        asked.Latest!.By.ShouldBe(admin.Member.Name);
        asked.Promises.Select(promise => promise.Id).ShouldBe(["widget.36"]);

        await _host.AsOwnerAsync<int>("update kernel.attestation set expires_on = current_date - 1 where workspace_id = $1", workspace.Id);
        (await StateAsync(_host, workspace)).ShouldBe(PromiseState.Lapsed);

        await _host.Door.RunAsync(
            workspace.Id,
            Actor.Member(admin.Member.Id),
            ctx => AttestationInbox.WithdrawAsync(ctx, asked.Latest.Id, Ct),
            Ct
        );
        (await StateAsync(_host, workspace)).ShouldBe(PromiseState.Unknown);
    }

    [Fact]
    public async Task A_file_is_sealed_and_comes_back_to_admins_only()
    {
        var workspace = await _host.OpenWorkspaceAsync();
        var admin = await _host.JoinAsync(workspace, "admin");
        using var content = new MemoryStream(Encoding.UTF8.GetBytes("<script>the report</script>"));
        var blob = await _host
            .Services.GetRequiredService<BlobStore>()
            .WriteAsync(workspace.Id, Actor.Member(admin.Member.Id), content, 1_000, null, Ct);
        await GiveAsync(workspace, admin, "The report.", null, blob);
        var id = (await ListAsync(workspace)).Single(one => one.What == Drill).Latest!.Id;

        using var answer = await admin.Client.GetAsync($"/policy/attestations/{id}/file", Ct);

        (await answer.Content.ReadAsStringAsync(Ct)).ShouldBe("<script>the report</script>");
        answer.Content.Headers.ContentType!.MediaType.ShouldBe("application/octet-stream");
        answer.Content.Headers.ContentDisposition!.DispositionType.ShouldBe("attachment");
        using var agent = await (await _host.SignInAsync(workspace, "agent")).GetAsync($"/policy/attestations/{id}/file", Ct);
        agent.StatusCode.ShouldNotBe(HttpStatusCode.OK);
        using var stranger = await (await _host.SignInAsync(await _host.OpenWorkspaceAsync(), "owner")).GetAsync(
            $"/policy/attestations/{id}/file",
            Ct
        );
        stranger.StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Evidence_for_what_the_policy_does_not_ask_is_refused()
    {
        var workspace = await _host.OpenWorkspaceAsync();
        var admin = await _host.JoinAsync(workspace, "admin");

        var refusal = await Should.ThrowAsync<RuleException>(() =>
            _host.Door.RunAsync(
                workspace.Id,
                Actor.Member(admin.Member.Id),
                async ctx =>
                    await AttestationInbox.GiveAsync(
                        ctx,
                        await PolicyAsync(_host, workspace),
                        "Something.",
                        "",
                        new DateOnly(2000, 1, 1),
                        null,
                        Ct
                    ),
                Ct
            )
        );

        refusal.Errors.Keys.ShouldBe(["evidence", "what", "expiresOn"], ignoreOrder: true);
    }

    [Fact]
    public async Task The_operators_evidence_counts_in_every_workspace()
    {
        await using var host = await cluster.StartHostAsync(background: false);
        var workspace = await host.OpenWorkspaceAsync();
        var operators = host.Services.GetRequiredService<OperatorAttestations>();

        await operators.GiveAsync(Drill, "Minutes, folder 7.", "Robin", Ct);

        (await StateAsync(host, workspace)).ShouldBe(PromiseState.Holds);
        (await operators.NewestAsync(Ct)).Keys.ShouldBe([Drill]);
        await Should.ThrowAsync<RuleException>(() => operators.GiveAsync("Something.", "x", "Robin", Ct));
    }

    private static ValueTask<Policy> PolicyAsync(TestHost host, Workspace workspace) =>
        host.Services.GetRequiredService<PolicyBook>().OfAsync(workspace.Id, Ct);

    private static async Task<PromiseState> StateAsync(TestHost host, Workspace workspace)
    {
        var policy = await PolicyAsync(host, workspace);
        return (
            await host
                .Services.GetRequiredService<Prober>()
                .LookAsync(workspace.Id, policy with { Promises = [policy.Promises.Single(promise => promise.Id == "widget.36")] }, Ct)
        )
            .ShouldHaveSingleItem()
            .State;
    }

    private async Task<IReadOnlyList<AskedFor>> ListAsync(Workspace workspace)
    {
        var policy = await PolicyAsync(_host, workspace);
        return await _host.Door.RunAsync(workspace.Id, Actor.System, ctx => AttestationInbox.ListAsync(ctx, policy, Ct), Ct);
    }

    private async Task GiveAsync(Workspace workspace, TestMember by, string evidence, DateOnly? expires, Guid? blob)
    {
        var policy = await PolicyAsync(_host, workspace);
        await _host.Door.RunAsync(
            workspace.Id,
            Actor.Member(by.Member.Id),
            ctx => AttestationInbox.GiveAsync(ctx, policy, Drill, evidence, expires, blob, Ct),
            Ct
        );
    }
}
