using System.Collections.Concurrent;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Shouldly;
using Tenet.Kernel;
using Tenet.Kernel.Audit;
using Tenet.Kernel.Events;
using Tenet.Kernel.Http;
using Tenet.Kernel.Jobs;
using Tenet.Kernel.Mail;
using Tenet.Kernel.Workspaces;
using Tenet.Tests.Inbox;
using Tenet.Tests.Kernel.Mail;
using Tenet.Tests.Knowledge;
using Tenet.Tests.Support;
using Tenet.Tests.Support.ModelFakes;
using Xunit;

namespace Tenet.Tests.Crash;

/// <summary>
/// A host in a process of its own that may be killed, and around it what stays: its callers with their journal of what was acknowledged to
/// them, the model, the website and the mail relay it talks to, and a second node that hears its events.
/// </summary>
internal sealed class CrashRig : IAsyncDisposable
{
    private readonly FakeRelay _relay = new();
    private readonly ConcurrentQueue<Guid> _heard = [];
    private readonly ConcurrentQueue<string> _alerts = [];
    private readonly HttpClient _caller = new();
    private DateTime _listeningSince;
    private FakeModelServer _model = null!;
    private LoopbackSite _site = null!;
    private KernelApp _listener = null!;

    public IReadOnlyList<JobScenario> Scenarios { get; } = JobScenario.All();
    public Journal Journal { get; } = new();

    /// <summary>Ids of the alerts that somebody else's program got.</summary>
    public IReadOnlyCollection<string> Alerts => _alerts;
    public Uri Site => _site.Address;
    public TestHost Setup { get; private set; } = null!;
    public TenetProcess Tenet { get; private set; } = null!;
    public Workspace Workspace { get; private set; } = null!;
    public Guid Visitor { get; private set; }
    public Guid Source { get; private set; }

    public static async Task<CrashRig> StartAsync(TestCluster cluster)
    {
        var rig = new CrashRig();
        rig._site = await LoopbackSite.StartAsync(app =>
        {
            Shop.Map(app);
            app.MapPost("/alerts", (HttpRequest alert) => rig._alerts.Enqueue(alert.Headers["webhook-id"].ToString()));
        });
        rig._model = await FakeModelServer.StartAsync();
        rig._model.Default = FakeReply.Text("It is ", "here.");
        rig.Setup = await cluster.StartHostAsync(background: false);
        rig.Workspace = await rig.Setup.OpenWorkspaceAsync();
        await rig.ChooseModelAndSiteAsync();
        await rig.ListenAsync(cluster);
        rig.Tenet = new TenetProcess(
            rig.Setup.AdminConnectionString,
            cluster.MasterKeyFile,
            rig._model.Address.Authority,
            rig._site.Address.Authority
        );
        foreach (var (name, value) in rig.Environment())
        {
            rig.Tenet.Environment[name] = value;
        }
        using var visitor = await WidgetVisitor.ArriveAsync(rig.Setup, rig.Workspace);
        rig.Visitor = visitor.VisitorId;
        rig._caller.BaseAddress = rig.Tenet.Address;
        rig._caller.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", visitor.Token);
        return rig;
    }

    private IEnumerable<string> MessageIds =>
        _relay.Received.Select(letter =>
            letter.Split('\n').Single(line => line.StartsWith("Message-ID:", StringComparison.OrdinalIgnoreCase)).Trim()
        );

    private IEnumerable<(string, string)> Environment() =>
        [
            ("Jobs__Poll", "00:00:00.1"),
            ("Audit__Checkpoints", Setup.Services.GetRequiredService<AuditOptions>().Checkpoints),
            ("Mail__Host", "127.0.0.1"),
            ("Mail__Port", $"{_relay.Port}"),
            ("Mail__StartTls", "false"),
            ("Mail__From", "desk@shop.test"),
            ("VisitorLimits__MessagesPerVisitor", "1000000"),
            ("VisitorLimits__MessagesPerWorkspace", "1000000"),
            ("RateLimits__Widget__PerIp", "1000000"),
            ("RateLimits__Open__PerIp", "1000000"),
        ];

    private async Task ChooseModelAndSiteAsync()
    {
        var egress = Setup.Services.GetRequiredService<Egress>();
        egress.AllowLoopback(_site.Address.Authority);
        egress.AllowLoopback(_model.Address.Authority);
        using var admin = await Setup.SignInAsync(Workspace, Access.Admin);
        var settings = new
        {
            provider = "compatible",
            model = "fake",
            baseUrl = _model.OpenAi.ToString(),
            key = "k-123456",
            embeddingModel = "fake-vectors",
        };
        (await admin.PutAsJsonAsync("/api/assistant/settings", settings)).EnsureSuccessStatusCode();
        Source = await admin.AddSiteAsync(_site.Address.ToString());
    }

    /// <summary>The second node's worker knows no kinds of jobs, so it takes none: it only listens.</summary>
    private async Task ListenAsync(TestCluster cluster)
    {
        _listener = await KernelApp.StartAsync(cluster, Setup.AdminConnectionString, services => services.RemoveAll<JobKind>());
        var follows = new TaskCompletionSource();
        _listener
            .Services.GetRequiredService<EventHub>()
            .Subscribe(
                Workspace.Id,
                item =>
                {
                    if (item.Topic == WorkspaceEvent.Resync)
                    {
                        follows.TrySetResult();
                    }
                    else
                    {
                        _heard.Enqueue(item.EventId);
                    }
                }
            );
        await Eventually.HoldsAsync(
            () =>
                Setup.AsOwnerAsync<bool>(
                    "select exists (select from pg_stat_activity where datname = current_database() and query like 'listen%')"
                ),
            "the second node listens",
            CancellationToken.None
        );
        // It may have begun before it was subscribed to.
        await Task.WhenAny(follows.Task, Task.Delay(TimeSpan.FromSeconds(1)));
        _listeningSince = await Setup.AsOwnerAsync<DateTime>("select now()");
    }

    /// <summary>Starts the host with work before it. True when it died at the point.</summary>
    /// <param name="crashAt">See <see cref="CrashPoint.Variable"/>.</param>
    /// <param name="callers">What callers do as soon as it takes requests.</param>
    public async Task<bool> DiesAsync(string crashAt, Func<Task>? callers = null)
    {
        Tenet.Environment[CrashPoint.Variable] = crashAt;
        Tenet.Launch();
        if (callers is not null && await Tenet.AnswersAsync("/health/live"))
        {
            await callers();
        }
        // Events leave a moment after their job has ended.
        for (var (quiet, tries) = (0, 0); quiet < 8 && tries < 1200 && !Tenet.HasExited; tries++)
        {
            await Task.Delay(100);
            quiet = !Tenet.HasExited && await LeftAsync() == 0 ? quiet + 1 : 0;
        }
        var died = Tenet.HasExited;
        await Tenet.KillAsync();
        await PassTimeAsync();
        return died;
    }

    /// <summary>Starts the host with work before it and callers around it, and kills it after a while.</summary>
    public async Task KillAfterAsync(TimeSpan delay)
    {
        Tenet.Environment[CrashPoint.Variable] = "";
        Tenet.Launch();
        using var ending = new CancellationTokenSource();
        var calling = CallAsync(ending.Token);
        await Task.Delay(delay, CancellationToken.None);
        await Tenet.KillAsync();
        await ending.CancelAsync();
        await calling;
        await PassTimeAsync();
    }

    private async Task CallAsync(CancellationToken ending)
    {
        while (!ending.IsCancellationRequested)
        {
            await SayUnacknowledgedAsync();
            if (Journal.Unacknowledged.Count == 0)
            {
                await SayAsync();
            }
            await Task.Delay(50, CancellationToken.None);
        }
    }

    /// <summary>Lets a host finish everything, and compares the journal with what is stored.</summary>
    public async Task CompareAsync(string after)
    {
        var ct = TestContext.Current.CancellationToken;
        Tenet.Environment[CrashPoint.Variable] = "";
        await Tenet.StartAsync();
        await SayUnacknowledgedAsync();
        try
        {
            await Eventually.HoldsAsync(async () => await LeftAsync() == 0, $"all work is done after {after}", ct);
        }
        catch (TimeoutException e)
        {
            throw new TimeoutException($"{e.Message}; left: {await NameLeftAsync()}", e);
        }
        var found = new Differences();
        foreach (var scenario in Scenarios)
        {
            await scenario.CompareAsync(this, found);
        }
        await found.ExpectAsync(
            "jobs that failed for good",
            "",
            Setup.AsOwnerAsync<string>(
                "select coalesce(string_agg(concat_ws(' ', kind, attempt, last_error), ', '), '') from kernel.job where dead_at is not null"
            )
        );
        found.Expect("questions that were not acknowledged", 0, Journal.Unacknowledged.Count);
        // Probes may find a promise of this very installation broken, and write of it as well.
        var others = await CountAsync(
            "select count(*) from kernel.incident where workspace_id = $1 and alerted_at is not null and promise_id not like 'test.%'"
        );
        found.Expect("letters by Message-ID", Journal.Letters + others, MessageIds.Distinct(StringComparer.Ordinal).LongCount());
        var questions = (long)Journal.Questions;
        const string Messages = "from inbox.message where workspace_id = $1 and author = ";
        found.Expect("questions", questions, await CountAsync($"select count(*) {Messages}'visitor'"));
        found.Expect("their ids", questions, await CountAsync($"select count(distinct client_id) {Messages}'visitor'"));
        found.Expect("answers", questions, await CountAsync($"select count(*) {Messages}'assistant'"));
        found.Expect("answered turns", questions, await CountAsync($"select count(distinct turn_id) {Messages}'assistant'"));
        found.Expect(
            "turns",
            questions,
            await CountAsync("select count(*) from assistant.turn where workspace_id = $1 and state <> 'running'")
        );
        found.Lines.ShouldBeEmpty($"after {after}");
        await CompareEventsAsync(after, ct);
        (await Tenet.StopAsync()).ShouldBe(0);
    }

    private async Task CompareEventsAsync(string after, CancellationToken ct)
    {
        var stored =
            await Setup.AsOwnerAsync<Guid[]>(
                "select array_agg(id) from kernel.event where workspace_id = $1 and at > $2",
                Workspace.Id,
                _listeningSince
            ) ?? [];
        await Eventually.HoldsAsync(() => !stored.Except(_heard).Any(), $"every event is told after {after}", ct);
        _heard.Count.ShouldBe(_heard.Distinct().Count(), $"events told twice after {after}");
    }

    public Task RunAsync(Action<WorkspaceContext> work) =>
        Setup.Door.RunAsync(
            Workspace.Id,
            Actor.System,
            ctx =>
            {
                work(ctx);
                return Task.CompletedTask;
            },
            CancellationToken.None
        );

    public Task EnqueueAsync(string kind, Guid subject, Guid? workspace = null) =>
        Setup.Door.BatchAsync(
            workspace ?? Workspace.Id,
            Actor.System,
            batch => batch.Enqueue(kind, subject, uniqueKey: kind + subject),
            CancellationToken.None
        );

    /// <param name="sql">$1 is the workspace.</param>
    public Task<long> CountAsync(string sql) => Setup.AsOwnerAsync<long>(sql, Workspace.Id);

    /// <summary>A conversation of a visitor of its own, without messages.</summary>
    public async Task<Guid> HaveConversationAsync(string state, TimeSpan age)
    {
        var id = Guid.CreateVersion7();
        await Setup.AsOwnerAsync<object>(
            """
            with visitor as (
              insert into inbox.visitor (workspace_id, id, language, created_at, seen_at) values ($1, $2, 'en', now() - $4, now() - $4))
            insert into inbox.conversation
              (workspace_id, id, visitor_id, channel, state, mode, snoozed_until, last_seq, last_message_at, preview, created_at)
            values ($1, $2, $2, 'widget', $3, 'assistant', case when $3 = 'snoozed' then now() - $4 end, 0, now() - $4, '', now() - $4)
            """,
            Workspace.Id,
            id,
            state,
            age
        );
        return id;
    }

    public async Task SendLetterAsync()
    {
        var mailer = Setup.Services.GetRequiredService<Mailer>();
        await RunAsync(ctx => mailer.Send(ctx, new Letter("ann@example.com", "News", "There is news.")));
        Journal.Letters++;
    }

    /// <summary>A question of a visitor; whether it was acknowledged is in the journal.</summary>
    public async Task SayAsync(Guid? again = null)
    {
        var clientId = again ?? Guid.CreateVersion7();
        Journal.Question(clientId, acknowledged: false);
        try
        {
            using var answer = await _caller.PostAsJsonAsync("/api/widget/messages", new { clientId, text = "Where is the tent?" });
            Journal.Question(clientId, answer.IsSuccessStatusCode);
        }
        catch (Exception e) when (e is HttpRequestException or IOException or TaskCanceledException)
        {
            // Killed before it could answer: nothing is known, so it is sent again later.
        }
    }

    /// <summary>As the widget does: what was not acknowledged is sent again under the same id.</summary>
    public async Task SayUnacknowledgedAsync()
    {
        foreach (var clientId in Journal.Unacknowledged)
        {
            await SayAsync(clientId);
        }
    }

    /// <summary>
    /// As if leases and delays had run out: nobody waits half a minute for each kill. A job that its host did not survive eight times is put
    /// aside; here the hosts die of other jobs, many times in a row.
    /// </summary>
    public Task PassTimeAsync() =>
        Setup.AsOwnerAsync<object>(
            """
            with letters as (update kernel.mail set run_at = now() where sent_at is null)
            update kernel.job set run_at = least(run_at, now()), lease_until = null, attempt = least(attempt, 1) where dead_at is null
            """
        );

    /// <summary>Work that is due, or that no host may leave undone: a deletion that waits for other jobs puts itself off for seconds.</summary>
    public Task<long> LeftAsync() =>
        Setup.AsOwnerAsync<long>(
            """
            select (select count(*) from kernel.job
                     where dead_at is null
                       and (run_at <= now() or claimed_by is not null or attempt > 0 or kind in ('inbox.answer', 'privacy.purge_workspace')))
                 + (select count(*) from kernel.mail where sent_at is null and dead_at is null)
            """
        );

    private Task<string?> NameLeftAsync() =>
        Setup.AsOwnerAsync<string>(
            """
            select string_agg(concat_ws(' ', kind, 'attempt', attempt, last_error, 'due', run_at - now(), 'lease', lease_until - now()), '; ')
              from kernel.job where dead_at is null and (run_at <= now() or claimed_by is not null or attempt > 0)
            """
        );

    public async ValueTask DisposeAsync()
    {
        _caller.Dispose();
        await Tenet.DisposeAsync();
        await _listener.DisposeAsync();
        await Setup.DisposeAsync();
        await _site.DisposeAsync();
        await _model.DisposeAsync();
        await _relay.DisposeAsync();
    }
}
