using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Tenet.Inbox;
using Tenet.Kernel.Jobs;
using Tenet.Tests.Support;
using Xunit;

namespace Tenet.Tests.Inbox;

public sealed class ExpireConversationsTests(TestCluster cluster)
{
    private readonly TestHost _host = cluster.Host;

    [Fact]
    public async Task A_conversation_older_than_the_widget_promises_is_made_anonymous_with_its_messages_and_a_younger_one_is_kept()
    {
        var workspace = await _host.OpenWorkspaceAsync();
        using var old = await WidgetVisitor.ArriveAsync(_host, workspace);
        using var young = await WidgetVisitor.ArriveAsync(_host, workspace);
        await old.SayAsync("long ago");
        await old.UntilAnsweredAsync();
        await young.SayAsync("just now");
        await young.UntilAnsweredAsync();
        await _host.AsOwnerAsync<object>(
            $"""
            update inbox.conversation set last_message_at = now() - interval '91 days' where visitor_id = '{old.VisitorId}';
            update inbox.visitor set seen_at = now() - interval '91 days' where id = '{old.VisitorId}'
            """
        );

        var sweep = ActivatorUtilities.CreateInstance<ExpireConversations>(_host.Services);
        await sweep.RunAsync(new JobRun(workspace.Id, Guid.Empty, workspace.Id, 1), TestContext.Current.CancellationToken);

        (await CountAsync("inbox.conversation where visitor_id <> $2", workspace.Id)).ShouldBe(1);
        (await CountAsync("inbox.message where text <> '' and $2 is not null", workspace.Id)).ShouldBe(2);
        (await CountAsync("inbox.visitor where id <> $2", workspace.Id)).ShouldBe(1);
    }

    private Task<long> CountAsync(string which, Guid workspace) =>
        _host.AsOwnerAsync<long>($"select count(*) from {which} and workspace_id = $1", workspace, Guid.Empty);
}
