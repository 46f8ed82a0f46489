using Microsoft.Extensions.DependencyInjection;
using Tenet.Accounts;
using Tenet.Inbox;
using Tenet.Inbox.Answers;
using Tenet.Kernel.Workspaces;
using Tenet.Knowledge;
using Tenet.Knowledge.Crawling;
using Tenet.Privacy.Alerts;
using Tenet.Privacy.Notices;
using Tenet.Tests.Inbox;

namespace Tenet.Tests.Crash;

/// <summary>Persons who were removed from the last workspace that they belonged to.</summary>
internal sealed class ForgottenLogins() : JobScenario(ForgetLogin.Kind)
{
    private readonly List<Guid> _logins = [];

    public override async Task AskAsync(CrashRig rig)
    {
        var login = Guid.CreateVersion7();
        await rig.Setup.AsOwnerAsync<object>("insert into accounts.login (id, email) values ($1, $2)", login, $"{login:N}@example.com");
        await rig.EnqueueAsync(Kind, login);
        _logins.Add(login);
    }

    public override async Task CompareAsync(CrashRig rig, Differences found) =>
        await found.ExpectAsync(
            "removed persons who are still known",
            0L,
            rig.Setup.AsOwnerAsync<long>("select count(*) from accounts.login where id = any($1)", _logins.ToArray())
        );
}

/// <summary>Questions whose host was killed right after it took them. That each is answered once, the rig compares for all questions.</summary>
internal sealed class LostTurns() : JobScenario(AnswerWatch.Kind)
{
    public override bool Sends => true;

    public override async Task AskAsync(CrashRig rig)
    {
        rig.Journal.Question((await LostTurn.LeaveAsync(rig.Setup, rig.Workspace, rig.Visitor)).ClientId, acknowledged: true);
        await rig.PassTimeAsync();
    }

    public override Task CompareAsync(CrashRig rig, Differences found) => Task.CompletedTask;
}

/// <summary>A conversation that is put to sleep, and is due to be woken.</summary>
internal sealed class Sleepers() : JobScenario(WakeConversation.Kind)
{
    private readonly List<Guid> _conversations = [];

    public override async Task AskAsync(CrashRig rig)
    {
        var conversation = await rig.HaveConversationAsync("snoozed", TimeSpan.FromMinutes(1));
        await rig.EnqueueAsync(Kind, conversation);
        _conversations.Add(conversation);
    }

    public override async Task CompareAsync(CrashRig rig, Differences found) =>
        await found.ExpectAsync(
            "conversations that are open, said so once, and were audited once",
            $"{_conversations.Count} {_conversations.Count} {_conversations.Count}",
            rig.Setup.AsOwnerAsync<string>(
                """
                select concat_ws(' ',
                  (select count(*) from inbox.conversation where id = any($1) and state <> 'snoozed' and last_seq = 1),
                  (select count(*) from inbox.message where conversation_id = any($1)),
                  (select count(*) from audit.entry where subject_id = any($1) and action = 'conversation.woken'))
                """,
                _conversations.ToArray()
            )
        );
}

/// <summary>Conversations that are older than the widget promises to keep them.</summary>
internal sealed class OldConversations() : JobScenario(ExpireConversations.Kind)
{
    private readonly List<Guid> _conversations = [];

    public override async Task AskAsync(CrashRig rig)
    {
        _conversations.Add(await rig.HaveConversationAsync("resolved", TimeSpan.FromDays(4000)));
        await rig.EnqueueAsync(Kind, rig.Workspace.Id);
    }

    public override async Task CompareAsync(CrashRig rig, Differences found)
    {
        await found.ExpectAsync(
            "old conversations that still lead to somebody, or say what was said",
            0L,
            rig.Setup.AsOwnerAsync<long>(
                """
                select count(*) from inbox.conversation c where id = any($1)
                   and (visitor_id <> '00000000-0000-0000-0000-000000000000' or preview <> ''
                        or exists (select from inbox.message m where m.conversation_id = c.id and m.text <> ''))
                """,
                _conversations.ToArray()
            )
        );
        if (_conversations.Count > 0)
        {
            found.Expect(
                "visitors who have been away for years",
                0L,
                await rig.CountAsync("select count(*) from inbox.visitor where workspace_id = $1 and seen_at < now() - interval '1 year'")
            );
        }
    }
}

/// <summary>Promises that do not hold, of which the workspace's one admin has to be written to once each.</summary>
internal sealed class Alerts() : JobScenario(AlertIncident.Kind)
{
    public override async Task AskAsync(CrashRig rig)
    {
        var id = Guid.CreateVersion7();
        await rig.Setup.AsOwnerAsync<object>(
            """
            insert into kernel.incident (workspace_id, id, promise_id, claim_number, says, opened_at)
            values ($1, $2, 'test.' || $2, 0, '', now())
            """,
            rig.Workspace.Id,
            id
        );
        await rig.EnqueueAsync(Kind, id);
        rig.Journal.Letters++;
    }

    // That each letter was sent, and once, the rig compares for all letters.
    public override async Task CompareAsync(CrashRig rig, Differences found) =>
        found.Expect(
            "breaks that nobody was written to about",
            0L,
            await rig.CountAsync("select count(*) from kernel.incident where workspace_id = $1 and alerted_at is null")
        );
}

/// <summary>Alerts to a receiver that has to get each of them, at least once and under one id.</summary>
internal sealed class PostedAlerts() : JobScenario(SendAlert.Kind)
{
    private readonly List<Guid> _messages = [];

    public override bool Sends => true;

    public override async Task AskAsync(CrashRig rig)
    {
        var hasHook = await rig.CountAsync("select count(*) from privacy.alert_hook where workspace_id = $1") > 0;
        await rig.Setup.Door.RunAsync(
            rig.Workspace.Id,
            Actor.System,
            async ctx =>
            {
                if (!hasHook)
                {
                    await ctx
                        .Services.GetRequiredService<AlertHooks>()
                        .SetAsync(ctx, new Uri(rig.Site, "/alerts").AbsoluteUri, CancellationToken.None);
                }
                await AlertMessages.TestAsync(ctx, CancellationToken.None);
                _messages.Add((await AlertMessages.ListAsync(ctx, AlertReceiver.Workspace, 1, CancellationToken.None))[0].Id);
            },
            CancellationToken.None
        );
    }

    public override async Task CompareAsync(CrashRig rig, Differences found)
    {
        await found.ExpectAsync(
            "alerts that were delivered",
            (long)_messages.Count,
            rig.Setup.AsOwnerAsync<long>(
                "select count(*) from privacy.alert_message where id = any($1) and state = 'delivered'",
                _messages.ToArray()
            )
        );
        found.Expect(
            "alerts that the receiver got",
            _messages.Count,
            rig.Alerts.Distinct(StringComparer.Ordinal).Count(id => _messages.Exists(message => id == $"msg_{message:N}"))
        );
    }
}

internal sealed class Recrawls() : JobScenario(QueueCrawl.Kind)
{
    public override Task AskAsync(CrashRig rig) => rig.EnqueueAsync(Kind, rig.Source);

    public override Task CompareAsync(CrashRig rig, Differences found) => Crawls.CompareAsync(rig, found, asked: false);
}

internal sealed class Crawls() : JobScenario(CrawlSite.Kind)
{
    private bool _asked;

    public override bool Sends => true;

    public override async Task AskAsync(CrashRig rig)
    {
        _asked = true;
        await rig.Setup.Door.RunAsync(
            rig.Workspace.Id,
            Actor.System,
            async ctx =>
            {
                await ctx.ExecuteAsync($"update knowledge.source set state = 'queued' where id = {rig.Source}", CancellationToken.None);
                ctx.Enqueue(CrawlSite.Kind, rig.Source, uniqueKey: rig.Source.ToString());
            },
            CancellationToken.None
        );
    }

    public override Task CompareAsync(CrashRig rig, Differences found) => CompareAsync(rig, found, _asked);

    internal static async Task CompareAsync(CrashRig rig, Differences found, bool asked)
    {
        var pages = await rig.Setup.AsOwnerAsync<string>(
            """
            select concat_ws(' ', s.state, count(p.id) filter (where p.status = 'indexed'), count(distinct p.url),
                             count(*) filter (where p.chunks <> (select count(*) from knowledge.chunk c where c.page_id = p.id)))
              from knowledge.source s left join knowledge.page p on p.source_id = s.id where s.id = $1 group by s.state
            """,
            rig.Source
        );
        if (asked || pages?.StartsWith("ready", StringComparison.Ordinal) is true)
        {
            found.Expect(
                "the site, its pages, and those with other passages than they should have",
                $"ready {Shop.Pages} {Shop.Pages} 0",
                pages
            );
        }
    }
}

internal sealed class Vectors() : JobScenario(EmbedPassages.Kind)
{
    public override bool Sends => true;

    public override Task AskAsync(CrashRig rig) => rig.RunAsync(EmbedPassages.Queue);

    public override async Task CompareAsync(CrashRig rig, Differences found) =>
        found.Expect(
            "passages without vectors",
            0L,
            await rig.CountAsync("select count(*) from knowledge.chunk where workspace_id = $1 and embedding_model is null")
        );
}
