using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Tenet.Inbox;
using Tenet.Kernel.DataMaps;
using Tenet.Kernel.Jobs;
using Tenet.Kernel.Policies;
using Tenet.Kernel.Workspaces;
using Tenet.Tests.Support;
using Xunit;

namespace Tenet.Tests.Inbox;

public sealed class RetentionMethodTests(TestCluster cluster)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Old_conversations_stay_without_anything_that_the_data_map_calls_personal()
    {
        await using var host = await StartAsync("anonymise");
        var workspace = await host.OpenWorkspaceAsync();
        using var visitor = await HaveOldConversationAsync(host, workspace);

        await ExpireAsync(host, workspace);
        await ExpireAsync(host, workspace);

        (await CountAsync(host, "inbox.conversation", workspace)).ShouldBe(1);
        (await CountAsync(host, "inbox.message", workspace)).ShouldBe(2);
        (await host.AsOwnerAsync<Guid>("select id from inbox.visitor where workspace_id = $1", workspace.Id)).ShouldBe(Guid.Empty);
        foreach (var type in new[] { typeof(Conversation), typeof(Message), typeof(Visitor) })
        {
            var table = host.Services.GetRequiredService<DataMap>().Of(type);
            foreach (var column in table.Columns.Where(column => column.IsPersonal))
            {
                (
                    await host.AsOwnerAsync<long>(
                        $"select count(*) from {table.Table} where workspace_id = $1 and coalesce({column.Column}::text, '') not in ('', '{Guid.Empty}')",
                        workspace.Id
                    )
                ).ShouldBe(0, $"{table.Table}.{column.Column}");
            }
        }
        (
            await host.AsOwnerAsync<bool>(
                "select rows = 1 and method = 'anonymise' from kernel.swept_rows where workspace_id = $1 and rule = 'inbox.conversations'",
                workspace.Id
            )
        ).ShouldBeTrue();
        var listed = await host.Door.RunAsync(workspace.Id, Actor.System, ctx => ConversationList.PageAsync(ctx, "resolved", null, Ct), Ct);
        listed.Items.ShouldBeEmpty();
        (await StateAsync(host, workspace)).ShouldBe(Verdict.Holds);
    }

    [Fact]
    public async Task Of_old_conversations_nothing_but_counts_stays()
    {
        await using var host = await StartAsync("aggregate");
        var workspace = await host.OpenWorkspaceAsync();
        using var visitor = await HaveOldConversationAsync(host, workspace);
        (await StateAsync(host, workspace)).ShouldBe(Verdict.Broken);

        await ExpireAsync(host, workspace);

        (await CountAsync(host, "inbox.conversation", workspace)).ShouldBe(0);
        (await CountAsync(host, "inbox.visitor", workspace)).ShouldBe(0);
        var counts = await host.Door.RunAsync(workspace.Id, Actor.System, ctx => KeptCount.ByMonthAsync(ctx, Ct), Ct);
        counts
            .ToDictionary(count => count.Measure, count => count.Rows, StringComparer.Ordinal)
            .ShouldBe(
                new Dictionary<string, long>(StringComparer.Ordinal) { ["inbox.conversation"] = 1, ["inbox.message"] = 2 },
                ignoreOrder: true
            );
        (await StateAsync(host, workspace)).ShouldBe(Verdict.Holds);
    }

    [Fact]
    public async Task A_way_to_go_that_nothing_knows_for_the_rows_is_refused()
    {
        await using var host = await StartAsync("delete");
        var book = host.Services.GetRequiredService<PolicyBook>();
        var policy = book.Read([
            (
                "shop.yaml",
                """
                    policy: shop
                    version: "1"
                    title: Shop
                    effective: 2026-01-01
                    notice: 30 days
                    promises:
                      - id: shop.1
                        says: The audit log becomes anonymous.
                        claim: retention
                        of: audit.log
                        keep: 365 days
                        method: anonymise
                    """u8.ToArray()
            ),
        ]);

        var claim = policy.Claims.Single().Claim;
        claim.Kind.Refuses(claim).ShouldNotBeNull().ShouldContain("audit.log can go by delete only");
    }

    private Task<TestHost> StartAsync(string method)
    {
        var folder = Directory.CreateTempSubdirectory("tenet-methods-").FullName;
        File.Copy(Path.Combine(AppContext.BaseDirectory, "policies", "house.yaml"), Path.Combine(folder, "house.yaml"));
        File.WriteAllText(
            Path.Combine(folder, "methods.yaml"),
            $"""
            policy: methods
            version: "1"
            extends: house
            effective: 2026-01-01
            notice: 30 days
            promises:
              - id: methods.1
                says: Conversations end.
                claim: retention
                of: inbox.conversations
                keep: 5 days
                method: {method}
            """
        );
        return cluster.StartHostAsync(settings: options =>
            options with
            {
                Policies = new PolicyOptions("methods", folder, Probing: false),
            }
        );
    }

    private static async Task<WidgetVisitor> HaveOldConversationAsync(TestHost host, Workspace workspace)
    {
        var visitor = await WidgetVisitor.ArriveAsync(host, workspace);
        await visitor.SayAsync("My telephone number is 030 1234567");
        await visitor.UntilAnsweredAsync();
        await host.AsOwnerAsync<object>(
            $"""
            update inbox.visitor set email = 'old@example.org', name = 'Old', seen_at = now() - interval '6 days' where id = '{visitor.VisitorId}';
            update inbox.message set helpful = true, comment = 'from me' where workspace_id = '{workspace.Id}';
            update inbox.conversation set page_url = 'https://example.org/mine', last_message_at = now() - interval '6 days'
             where visitor_id = '{visitor.VisitorId}'
            """
        );
        return visitor;
    }

    private static Task ExpireAsync(TestHost host, Workspace workspace) =>
        ActivatorUtilities
            .CreateInstance<ExpireConversations>(host.Services)
            .RunAsync(new JobRun(workspace.Id, Guid.Empty, workspace.Id, 1), Ct);

    private static async Task<Verdict> StateAsync(TestHost host, Workspace workspace)
    {
        var policy = await host.Services.GetRequiredService<PolicyBook>().OfAsync(workspace.Id, Ct);
        var claim = policy.Promises.Single(promise => promise.Id == "methods.1").Claims.Single();
        return (
            await host.Services.GetRequiredService<Prober>().LookInRoundAsync(workspace.Id, policy, claim, DateTimeOffset.UtcNow, Ct)
        ).Verdict;
    }

    private static Task<long> CountAsync(TestHost host, string table, Workspace workspace) =>
        host.AsOwnerAsync<long>($"select count(*) from {table} where workspace_id = $1", workspace.Id);
}
