using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Tenet.Kernel.Policies;
using Tenet.Kernel.Workspaces;
using Tenet.Privacy.Erasures;
using Tenet.Tests.Support;
using Xunit;

namespace Tenet.Tests.Privacy;

public sealed class ErasureDeadlineTests(TestCluster cluster)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private const string Erasure = """
        insert into privacy.erasure (workspace_id, id, reference, ground, state, created_at, due_at)
        values ($1, gen_random_uuid(), 'x', 'request', 'recorded', now() - interval '10 hours', now() + $2)
        """;

    private const string Request = """
        insert into privacy.request (workspace_id, id, regime, kind, state, source, identity, language, repeated,
                                     verified_at, received_at, acknowledge_by, respond_by, due_at)
        values ($1, gen_random_uuid(), 'gdpr', $3, 'verified', 'form', 'link', 'en', false,
                now() - interval '10 hours', now() - interval '10 hours', now(), now(), now() + $2)
        """;

    [Fact]
    public async Task The_team_is_told_once_when_a_quarter_of_the_time_is_left()
    {
        await using var host = await cluster.StartHostAsync(background: false);
        var workspace = await host.OpenWorkspaceAsync();
        await host.JoinAsync(workspace, "owner", "watch-owner@example.org");
        await host.JoinAsync(workspace, "viewer", "watch-viewer@example.org");
        foreach (var left in new[] { TimeSpan.FromHours(1), TimeSpan.FromHours(8) })
        {
            await host.AsOwnerAsync<object>(Erasure, workspace.Id, left);
            await host.AsOwnerAsync<object>(Request, workspace.Id, left, "erasure");
            await host.AsOwnerAsync<object>(Request, workspace.Id, left, "access");
        }

        var before = await CountAsync(host, "kernel.mail where workspace_id = $1", workspace);
        await WatchAsync(host, workspace);
        await WatchAsync(host, workspace);

        (await CountAsync(host, "audit.entry where action = 'erasure.due_soon' and workspace_id = $1", workspace)).ShouldBe(2);
        (await CountAsync(host, "kernel.mail where workspace_id = $1", workspace) - before).ShouldBe(2);
        (await CountAsync(host, "privacy.request where warned_at is not null and workspace_id = $1", workspace)).ShouldBe(1);
        (await CountAsync(host, "privacy.erasure where warned_at is not null and workspace_id = $1", workspace)).ShouldBe(1);
    }

    private static async Task WatchAsync(TestHost host, Workspace workspace)
    {
        var policy = await host.Services.GetRequiredService<PolicyBook>().OfAsync(workspace.Id, Ct);
        await host.Services.GetRequiredService<WatchErasures>().RunAsync(workspace.Id, policy, Ct);
    }

    private static Task<long> CountAsync(TestHost host, string which, Workspace workspace) =>
        host.AsOwnerAsync<long>($"select count(*) from {which}", workspace.Id);
}
