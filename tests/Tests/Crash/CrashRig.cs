using System.Collections.Concurrent;
using System.Net.Http.Json;
using Microsoft.Extensions.DependencyInjection;
using Tenet.Inbox;
using Tenet.Kernel;
using Tenet.Kernel.Events;
using Tenet.Kernel.Mail;
using Tenet.Kernel.Workspaces;
using Tenet.Knowledge.Crawling;
using Tenet.Tests.Inbox;
using Tenet.Tests.Kernel.Mail;
using Tenet.Tests.Knowledge;
using Tenet.Tests.Support;
using Tenet.Tests.Support.ModelFakes;

namespace Tenet.Tests.Crash;

/// <summary>
/// A host in a process of its own that may be killed, and around it what stays: its callers with their journal of what was acknowledged to
/// them, the model, the website and the mail relay it talks to, and a second node that hears its events.
/// </summary>
internal sealed class CrashRig : IAsyncDisposable
{
    private readonly FakeRelay _relay = new();
    private FakeModelServer _model = null!;
    private LoopbackSite _site = null!;
    private WidgetVisitor _visitor = null!;
    private WidgetVisitor _sleeper = null!;
    private Guid _source;
    private Guid _sleeping;

    public TestHost Setup { get; private set; } = null!;
    public TenetProcess Tenet { get; private set; } = null!;
    public Workspace Workspace { get; private set; } = null!;

    /// <summary>What a second node was told: ids of rows of the outbox.</summary>
    public ConcurrentQueue<Guid> Heard { get; } = [];

    // The journal.
    public List<Guid> Said { get; } = [];
    public HashSet<Guid> Acknowledged { get; } = [];
    public List<Guid> Forgotten { get; } = [];
    public int Woken { get; private set; }
    public int Letters { get; private set; }

    public IEnumerable<string> MessageIds =>
        _relay.Received.Select(letter =>
            letter.Split('\n').Single(line => line.StartsWith("Message-ID:", StringComparison.OrdinalIgnoreCase)).Trim()
        );

    /// <summary>The database's clock when the second node had begun to listen.</summary>
    public DateTime ListeningSince { get; private set; }

    private KernelApp _listener = null!;

    public static async Task<CrashRig> StartAsync(TestCluster cluster)
    {
        var rig = new CrashRig();
        rig._site = await LoopbackSite.StartAsync(app => Shop.Map(app));
        rig._model = await FakeModelServer.StartAsync();
        rig.Setup = await cluster.StartHostAsync(background: false);
        rig.Workspace = await rig.Setup.OpenWorkspaceAsync();
        using (var admin = await rig.Setup.SignInAsync(rig.Workspace, "admin"))
        {
            (
                await admin.PutAsJsonAsync(
                    "/api/assistant/settings",
                    new
                    {
                        provider = "compatible",
                        model = "fake",
                        baseUrl = rig._model.OpenAi.ToString(),
                        key = "k-123456",
                    }
                )
            ).EnsureSuccessStatusCode();
            rig.Setup.Services.GetRequiredService<global::Tenet.Kernel.Http.Egress>().AllowLoopback(rig._site.Address.Authority);
            rig._source = await admin.AddSiteAsync(rig._site.Address.ToString());
        }
        // Its worker knows no kinds of jobs, so it takes none: it only listens.
        rig._listener = await KernelApp.StartAsync(cluster, rig.Setup.AdminConnectionString);
        rig._listener.Services.GetRequiredService<EventHub>()
            .Subscribe(
                rig.Workspace.Id,
                item =>
                {
                    if (item.EventId != Guid.Empty)
                    {
                        rig.Heard.Enqueue(item.EventId);
                    }
                }
            );
        await Eventually.HoldsAsync(
            () =>
                rig.Setup.AsOwnerAsync<bool>(
                    "select exists (select from pg_stat_activity where datname = current_database() and query like 'listen%')"
                ),
            "the second node listens",
            CancellationToken.None
        );
        await Task.Delay(500);
        rig.ListeningSince = await rig.Setup.AsOwnerAsync<DateTime>("select now()");
        rig.Tenet = new TenetProcess(
            rig.Setup.AdminConnectionString,
            cluster.MasterKeyFile,
            rig._model.Address.Authority,
            rig._site.Address.Authority
        );
        rig.Tenet.Environment["Mail__Host"] = "127.0.0.1";
        rig.Tenet.Environment["Mail__Port"] = $"{rig._relay.Port}";
        rig.Tenet.Environment["Mail__StartTls"] = "false";
        rig.Tenet.Environment["Mail__From"] = "desk@shop.test";
        rig.Tenet.Environment["VisitorLimits__MessagesPerVisitor"] = "1000000";
        rig.Tenet.Environment["VisitorLimits__MessagesPerWorkspace"] = "1000000";
        await rig.Tenet.StartAsync();
        rig._sleeper = await WidgetVisitor.ArriveAsync(rig.Setup, rig.Workspace, at: rig.Tenet.Address);
        await rig._sleeper.SayAsync("Good night.");
        await rig._sleeper.UntilAnsweredAsync();
        rig._sleeping = await rig.Setup.AsOwnerAsync<Guid>("select id from inbox.conversation where workspace_id = $1", rig.Workspace.Id);
        rig._visitor = await WidgetVisitor.ArriveAsync(rig.Setup, rig.Workspace, at: rig.Tenet.Address);
        await rig.Tenet.StopAsync();
        return rig;
    }

    /// <summary>Starts the host, to die at a point when one is named. False when it did not live to see a request.</summary>
    public async Task<bool> StartTenetAsync(string? crashAt)
    {
        Tenet.Environment[CrashPoint.Variable] = crashAt ?? "";
        try
        {
            await Tenet.StartAsync();
            return true;
        }
        catch (InvalidOperationException) when (crashAt is not null)
        {
            return false;
        }
    }

    /// <summary>Something of everything: a message, a letter, and each kind of job that is given.</summary>
    public async Task WorkAsync(IEnumerable<string> kinds)
    {
        foreach (var kind in kinds)
        {
            await TriggerAsync(kind);
        }
        await Setup.Door.RunAsync(
            Workspace.Id,
            Actor.System,
            ctx =>
            {
                Setup.Services.GetRequiredService<Mailer>().Send(ctx, new Letter("ann@example.com", "News", "There is news."));
                return Task.CompletedTask;
            },
            CancellationToken.None
        );
        Letters++;
        await SayAsync(Guid.CreateVersion7());
    }

    /// <summary>As the widget does: what was not acknowledged is sent again under the same id.</summary>
    public async Task SayUnacknowledgedAsync()
    {
        foreach (var clientId in Said.Where(id => !Acknowledged.Contains(id)).ToList())
        {
            await SayAsync(clientId);
        }
    }

    /// <summary>As if leases and delays had run out: nobody waits half a minute for each kill.</summary>
    public Task PassTimeAsync() =>
        Setup.AsOwnerAsync<object>(
            """
            with letters as (update kernel.mail set run_at = now() where sent_at is null)
            update kernel.job set run_at = least(run_at, now()), lease_until = null where dead_at is null
            """
        );

    public Task<long> LeftAsync() =>
        Setup.AsOwnerAsync<long>(
            """
            select (select count(*) from kernel.job where dead_at is null)
                 + (select count(*) from kernel.mail where sent_at is null and dead_at is null)
            """
        );

    /// <summary>Leaves a question whose turn was lost with its host, so that its watch has to run.</summary>
    public async Task LoseATurnAsync()
    {
        _model.Default = FakeReply.Text("It is ", "here.") with { Gap = TimeSpan.FromSeconds(30) };
        await Tenet.StartAsync();
        await SayAsync(Guid.CreateVersion7());
        await Tenet.KillAsync();
        _model.Default = FakeReply.Text("It is ", "here.");
    }

    private async Task SayAsync(Guid clientId)
    {
        if (!Said.Contains(clientId))
        {
            Said.Add(clientId);
        }
        try
        {
            await _visitor.SayAsync("Where is the tent?", clientId);
            Acknowledged.Add(clientId);
        }
        catch (Exception e) when (e is HttpRequestException or IOException or TaskCanceledException)
        {
            // Killed before it could answer: nothing is known, so it is sent again later.
        }
    }

    private async Task TriggerAsync(string kind)
    {
        var subject = Workspace.Id;
        if (kind.StartsWith("knowledge.", StringComparison.Ordinal))
        {
            // A re-crawl queues the crawl, and the crawl queues the vectors.
            (kind, subject) = (QueueCrawl.Kind, _source);
        }
        else if (kind.Equals(WakeConversation.Kind, StringComparison.Ordinal))
        {
            subject = _sleeping;
            // One that still sleeps, because the host was killed before it could wake it, is woken once for both.
            var fellAsleep = await Setup.AsOwnerAsync<Guid>(
                """
                update inbox.conversation set state = 'snoozed', snoozed_until = now() - interval '1 minute'
                 where id = $1 and state <> 'snoozed' returning id
                """,
                _sleeping
            );
            Woken += fellAsleep == Guid.Empty ? 0 : 1;
        }
        else if (kind.Equals("accounts.forget_login", StringComparison.Ordinal))
        {
            subject = Guid.CreateVersion7();
            Forgotten.Add(subject);
            await Setup.AsOwnerAsync<object>("insert into accounts.login (id, email) values ($1, $2)", subject, $"{subject:N}@example.com");
        }
        await Setup.Door.BatchAsync(
            Workspace.Id,
            Actor.System,
            batch => batch.Enqueue(kind, subject, uniqueKey: kind + subject),
            CancellationToken.None
        );
    }

    public async ValueTask DisposeAsync()
    {
        _visitor?.Dispose();
        _sleeper?.Dispose();
        await Tenet.DisposeAsync();
        await _listener.DisposeAsync();
        await Setup.DisposeAsync();
        await _site.DisposeAsync();
        await _model.DisposeAsync();
        await _relay.DisposeAsync();
    }
}
