using System.Net;
using System.Net.Http.Json;
using System.Security.Authentication;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Shouldly;
using Tenet.Accounts;
using Tenet.Assistant;
using Tenet.Inbox;
using Tenet.Inbox.Widget;
using Tenet.Kernel.Audit;
using Tenet.Kernel.Http;
using Tenet.Kernel.Http.Limits;
using Tenet.Kernel.Jobs;
using Tenet.Kernel.Policies;
using Tenet.Kernel.Telemetry;
using Tenet.Kernel.Vault;
using Tenet.Kernel.Workspaces;
using Tenet.Privacy.Exports;
using Tenet.Tests.Inbox;
using Tenet.Tests.Support;
using Xunit;

namespace Tenet.Tests.Kernel.Policies;

/// <summary>A number in the file is changed and nothing else: what runs does what it says.</summary>
public sealed partial class EnforcerTests(NumbersHost numbers) : IClassFixture<NumbersHost>
{
    private readonly TestHost _host = numbers.Host;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_session_lives_as_long_as_the_policy_says()
    {
        var workspace = await _host.OpenWorkspaceAsync();
        using var client = await _host.SignInAsync(workspace, Access.Owner);

        (await LifeAsync("accounts.session where current_workspace_id = $1", workspace.Id)).ShouldBe(TimeSpan.FromHours(4));
    }

    [Fact]
    public async Task A_session_waits_for_its_factor_as_long_as_the_policy_says()
    {
        var workspace = await _host.OpenWorkspaceAsync();
        await _host.AsOwnerAsync<object>(
            "insert into accounts.sign_in_policy (workspace_id, requires_factor) values ($1, true)",
            workspace.Id
        );
        using var client = await _host.SignInAsync(workspace, Access.Owner);

        (await LifeAsync("accounts.session where current_workspace_id = $1", workspace.Id)).ShouldBe(TimeSpan.FromMinutes(2));
    }

    [Fact]
    public async Task A_link_for_signing_in_is_valid_as_long_as_the_policy_says()
    {
        var workspace = await _host.OpenWorkspaceAsync();
        var member = await _host.JoinAsync(workspace, Access.Owner, "link@example.org");
        await _host.Services.GetRequiredService<SignInLinks>().CreateForOperatorAsync("link@example.org", Ct);

        (await LifeAsync("accounts.sign_in_link where login_id = $1", member.Member.LoginId)).ShouldBe(TimeSpan.FromMinutes(3));
    }

    [Fact]
    public async Task A_proof_of_who_one_is_counts_as_long_as_the_policy_says() =>
        (await _host.Services.GetRequiredService<Lifetimes>().OfStepUpAsync(Ct)).ShouldBe(TimeSpan.FromMinutes(1));

    [Fact]
    public async Task An_invitation_is_valid_as_long_as_the_policy_says()
    {
        var workspace = await _host.OpenWorkspaceAsync();
        var owner = await _host.JoinAsync(workspace, Access.Owner);
        await _host.Door.RunAsync(
            workspace.Id,
            Actor.Member(owner.Member.Id),
            ctx => _host.Services.GetRequiredService<Invitations>().InviteAsync(ctx, "new@example.org", Access.Agent, _host.Address, Ct),
            Ct
        );

        (await LifeAsync("accounts.invitation where workspace_id = $1", workspace.Id)).ShouldBe(TimeSpan.FromDays(2));
    }

    [Fact]
    public async Task Callers_are_granted_as_much_as_the_policy_says()
    {
        using var client = _host.Client();
        using var page = await client.GetAsync("/sign-in", Ct);
        page.Headers.GetValues("RateLimit-Policy").Single().ShouldBe("\"ip\";q=77;w=60");

        var workspace = await _host.OpenWorkspaceAsync();
        using var owner = await _host.SignInAsync(workspace, Access.Owner);
        using var answer = await owner.GetAsync("/api/members", Ct);
        answer.Headers.GetValues("RateLimit-Policy").Single().ShouldBe("\"ip\";q=88;w=60, \"workspace\";q=99;w=60");
    }

    [Fact]
    public async Task A_passkey_is_asked_for_as_long_as_the_policy_says()
    {
        var browser = new Accounts.Browser(_host, Ct);
        (await browser.PostAsync("/sign-in/passkeys/options")).StatusCode.ShouldBe(HttpStatusCode.OK);

        (await EndsInAsync("accounts.passkey_ceremony where kind is not null and $1::uuid is not null", Guid.Empty)).ShouldBe(
            TimeSpan.FromMinutes(1),
            TimeSpan.FromSeconds(20)
        );
    }

    [Fact]
    public async Task A_visitors_token_is_valid_as_long_as_the_policy_says()
    {
        var workspace = await _host.OpenWorkspaceAsync();
        using var visitor = await WidgetVisitor.ArriveAsync(_host, workspace);

        (await EndsInAsync("inbox.visitor where workspace_id = $1", workspace.Id, "token_expires_at")).ShouldBe(
            TimeSpan.FromDays(20),
            TimeSpan.FromMinutes(1)
        );
        var time = new MovableTime();
        var tokens = new VisitorTokens(_host.Services.GetRequiredService<InstallationVault>(), time);
        time.Move(TimeSpan.FromDays(19));
        tokens.Read(visitor.Token).ShouldNotBeNull();
        time.Move(TimeSpan.FromDays(2));
        tokens.Read(visitor.Token).ShouldBeNull();
    }

    [Theory]
    [InlineData(50, HttpStatusCode.OK)]
    [InlineData(70, HttpStatusCode.UnprocessableEntity)]
    public async Task A_sites_signature_is_believed_as_long_as_the_policy_says(int minutesOld, HttpStatusCode answer)
    {
        const string secret = "a secret of the site";
        var workspace = await _host.OpenWorkspaceAsync();
        var key = await WidgetVisitor.WidgetKeyAsync(_host, workspace);
        await _host.Door.RunAsync(
            workspace.Id,
            Actor.System,
            async ctx =>
            {
                var widget = await _host.Services.GetRequiredService<Widgets>().EnsureAsync(ctx, Ct);
                var sealedSecret = await _host
                    .Services.GetRequiredService<WorkspaceVault>()
                    .SealAsync(ctx, new SealedPlace("inbox.widget", "identity_secret", widget.Id), secret, Ct);
                await ctx.ExecuteAsync($"update inbox.widget set identity_secret = {sealedSecret} where id = {widget.Id}", Ct);
            },
            Ct
        );
        var issuedAt = DateTimeOffset.UtcNow.AddMinutes(-minutesOld).ToUnixTimeSeconds();
        using var client = _host.Client();
        using var opened = await client.PostAsJsonAsync(
            $"/api/widget/{key}/sessions",
            new { identity = new SignedIdentity("7", null, null, issuedAt, SignedIdentity.Sign(secret, "7", null, null, issuedAt)) },
            Ct
        );

        opened.StatusCode.ShouldBe(answer);
    }

    [Fact]
    public async Task Visitors_may_write_as_much_as_the_policy_says()
    {
        var workspace = await _host.OpenWorkspaceAsync();
        using var visitor = await WidgetVisitor.ArriveAsync(_host, workspace);
        var answers = new List<HttpStatusCode>();
        for (var n = 0; n < 4; n++)
        {
            using var answer = await visitor.Client.PostAsJsonAsync(
                "/api/widget/messages",
                new { clientId = Guid.CreateVersion7(), text = "Hello?" },
                Ct
            );
            answers.Add(answer.StatusCode);
        }

        answers.ShouldBe([HttpStatusCode.Accepted, HttpStatusCode.Accepted, HttpStatusCode.Accepted, HttpStatusCode.TooManyRequests]);
    }

    [Fact]
    public async Task The_answer_to_a_request_is_kept_as_long_as_the_policy_says()
    {
        var workspace = await _host.OpenWorkspaceAsync();
        using var owner = await _host.SignInAsync(workspace, Access.Owner);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/knowledge/answers")
        {
            Content = JsonContent.Create(new { question = "When?", answer = "At nine." }),
            Headers = { { "Idempotency-Key", "k" } },
        };
        (await owner.SendAsync(request, Ct)).StatusCode.ShouldBe(HttpStatusCode.Created);

        (await EndsInAsync("kernel.saved_answer where workspace_id = $1", workspace.Id)).ShouldBe(
            TimeSpan.FromHours(3),
            TimeSpan.FromMinutes(1)
        );
    }

    [Fact]
    public async Task A_persons_copy_is_kept_as_long_as_the_policy_says()
    {
        var workspace = await _host.OpenWorkspaceAsync();
        using var visitor = await WidgetVisitor.ArriveAsync(_host, workspace);
        await _host.Door.RunAsync(
            workspace.Id,
            Actor.System,
            ctx => _host.Services.GetRequiredService<BeginPersonExport>().RunAsync(ctx, [visitor.VisitorId], Ct),
            Ct
        );

        (await LifeAsync("privacy.person_export where workspace_id = $1", workspace.Id)).ShouldBe(TimeSpan.FromDays(2));
    }

    [Fact]
    public async Task Counts_of_requests_are_kept_as_long_as_the_policy_says()
    {
        foreach (var age in new[] { "3 minutes", "6 minutes" })
        {
            await _host.AsOwnerAsync<object>(
                $"insert into kernel.rate_window (subject, begun_at, taken) values (gen_random_uuid(), now() - interval '{age}', 1)"
            );
        }
        await ActivatorUtilities.CreateInstance<RetentionSweep>(_host.Services).SweepAsync(Ct);

        (await _host.AsOwnerAsync<long>("select count(*) from kernel.rate_window where begun_at < now() - interval '2 minutes'")).ShouldBe(
            1
        );
    }

    [Fact]
    public async Task Whoever_receives_data_is_called_over_the_TLS_that_the_policy_says() =>
        (await _host.Services.GetRequiredService<PolicySettings>().OutgoingTransportAsync(Ct)).ShouldBe(SslProtocols.Tls13);

    [Fact]
    public async Task The_data_of_turns_is_shown_to_owners_alone_where_the_policy_says_so()
    {
        var workspace = await _host.OpenWorkspaceAsync();
        var owner = await _host.JoinAsync(workspace, Access.Owner, "history-owner@example.org");
        var admin = await _host.JoinAsync(workspace, Access.Admin, "history-admin@example.org");
        await _host.AsOwnerAsync<object>(
            "insert into assistant.turn (workspace_id, id, origin, state, started_at, completed_at, provider, model, passages, tokens_in, tokens_out) values ($1, $1, 'conversation', 'answered', now(), now(), 'excerpts', 'excerpts', 1, 1, 1)",
            workspace.Id
        );
        Task<int> SeenByAsync(TestMember who) =>
            _host.Door.RunAsync(
                workspace.Id,
                Actor.Member(who.Member.Id),
                async ctx => (await TurnReceipts.ReadAsync(ctx, [workspace.Id], Ct)).Count,
                Ct
            );

        (await SeenByAsync(owner), await SeenByAsync(admin)).ShouldBe((1, 0));
    }

    [Theory]
    [InlineData("asked from 203.0.113.9", false)]
    [InlineData("asked from afar", true)]
    public async Task A_report_of_an_error_holds_nothing_that_the_policy_forbids(string message, bool leaves)
    {
        await using var sinks = await TelemetrySinks.StartAsync();
        using var egress = new Egress(new EgressOptions(), TimeProvider.System);
        using var reports = new ErrorReports(
            sinks.Options,
            egress,
            TimeProvider.System,
            ct => _host.Services.GetRequiredService<PolicySettings>().NeverReportedAsync(ct)
        );
        reports.Add(new SentryEvent(DateTimeOffset.UtcNow, LogLevel.Error, "test", message, message));
        reports.Add(new SentryEvent(DateTimeOffset.UtcNow, LogLevel.Error, "test", "the last one", "the last one"));
        await reports.StartAsync(Ct);
        await Eventually.HoldsAsync(
            () => sinks.Reports.Any(report => report.Contains("the last one", StringComparison.Ordinal)),
            "the last report came",
            Ct
        );
        await reports.StopAsync(Ct);

        sinks.Reports.Any(report => report.Contains(message, StringComparison.Ordinal)).ShouldBe(leaves);
        // What left lies beside the log files, for the probe to read.
        sinks.LogLines.Any(line => line.Contains(message, StringComparison.Ordinal)).ShouldBe(leaves);
    }

    [Fact]
    public async Task Log_files_are_kept_as_long_as_the_policy_says()
    {
        await ActivatorUtilities.CreateInstance<RetentionSweep>(_host.Services).SweepAsync(Ct);

        _host.Services.GetRequiredService<TelemetryOptions>().Age.Days.ShouldBe(3);
    }

    [Fact]
    public async Task The_audit_log_is_purged_at_the_age_that_the_policy_says()
    {
        var workspace = await _host.OpenWorkspaceAsync();
        foreach (var action in new[] { "test.old", "test.young" })
        {
            await _host.Door.BatchAsync(workspace.Id, Actor.System, batch => batch.Audit(action, "test", workspace.Id), Ct);
            await _host.Services.GetRequiredService<AuditSequencer>().SequenceAsync(workspace.Id, Ct);
        }
        await _host.AsOwnerAsync<object>(
            "update audit.entry set at = now() - case action when 'test.young' then interval '39 days' else interval '41 days' end where workspace_id = $1",
            workspace.Id
        );
        await RunAsync<PurgeAudit>(workspace.Id);

        (await CountAsync("audit.entry where action like 'test.%' and workspace_id = $1", workspace.Id)).ShouldBe(1);
    }

    [Theory]
    [InlineData(0, 5)]
    [InlineData(2, 2)]
    [InlineData(9, 6)]
    public async Task Conversations_are_kept_as_the_policy_says_or_the_workspace_within_it(int chosen, int days)
    {
        var workspace = await _host.OpenWorkspaceAsync();
        await _host.AsOwnerAsync<object>(
            $"""
            insert into inbox.widget (workspace_id, id, key, name, color, position, theme, language, greeting, keep_days, updated_at)
            values ('{workspace.Id}', '{workspace.Id}', 'k', 'n', '#000000', 'right', 'auto', 'en', '', {chosen}, now());
            insert into inbox.visitor (workspace_id, id, language, created_at, seen_at) values ('{workspace.Id}', '{workspace.Id}', 'en', now(), now());
            insert into inbox.conversation (workspace_id, id, visitor_id, channel, current, state, mode, last_seq, last_message_at, preview, created_at)
            select '{workspace.Id}', gen_random_uuid(), '{workspace.Id}', 'widget', false, 'open', 'ai', 0, now() - make_interval(hours => h), '', now()
              from unnest(array[{(days * 24) - 1}, {(days * 24) + 1}]) h
            """
        );
        await RunAsync<ExpireConversations>(workspace.Id);

        (await CountAsync("inbox.conversation where workspace_id = $1", workspace.Id)).ShouldBe(1);
    }

    // Each rule with a row that is a little younger than its age, and one that is a little older.
    public static TheoryData<string, string, string> Swept =>
        new()
        {
            {
                "kernel.event",
                "insert into kernel.event (workspace_id, id, topic, subject_id, at) values ('{0}', gen_random_uuid(), 'x', '{0}', now() - {1})",
                "2 days"
            },
            {
                "kernel.mail",
                "insert into kernel.mail (id, workspace_id, attempt, sent_at) values (gen_random_uuid(), '{0}', 1, now() - {1})",
                "3 days"
            },
            {
                "kernel.blob",
                "insert into kernel.blob (workspace_id, id, key, created_at) values ('{0}', gen_random_uuid(), '', now() - {1})",
                "4 days"
            },
            {
                "accounts.invitation",
                "insert into accounts.invitation (workspace_id, id, email, role, token_hash, expires_at) values ('{0}', gen_random_uuid(), gen_random_uuid()::text, 'agent', gen_random_uuid()::text::bytea, now() - {1})",
                "3 days"
            },
            {
                "accounts.session",
                "insert into accounts.session (id, token_hash, login_id, current_workspace_id, expires_at) select gen_random_uuid(), gen_random_uuid()::text::bytea, login_id, '{0}', now() - {1} from accounts.member where workspace_id = '{0}'",
                "2 hours"
            },
        };

    [Theory]
    [MemberData(nameof(Swept))]
    public async Task What_is_swept_is_kept_as_long_as_the_policy_says(string table, string insert, string age)
    {
        var workspace = await _host.OpenWorkspaceAsync();
        await _host.JoinAsync(workspace, Access.Owner);
        var of =
            table == "accounts.session"
                ? "accounts.session where state = 'open' and expires_at < now() and current_workspace_id = $1"
                : table + " where workspace_id = $1";
        var before = await CountAsync(of, workspace.Id);
        foreach (var moment in new[] { $"(interval '{age}' - interval '10 minutes')", $"(interval '{age}' + interval '10 minutes')" })
        {
            await _host.AsOwnerAsync<object>(
                insert.Replace("{0}", workspace.Id.ToString(), StringComparison.Ordinal).Replace("{1}", moment, StringComparison.Ordinal)
            );
        }
        await ActivatorUtilities.CreateInstance<RetentionSweep>(_host.Services).SweepAsync(Ct);
        await RunAsync<SweepWorkspace>(workspace.Id);

        (await CountAsync(of, workspace.Id)).ShouldBe(before + 1);
    }

    private Task RunAsync<T>(Guid workspaceId)
        where T : IJob =>
        ActivatorUtilities.CreateInstance<T>(_host.Services).RunAsync(new JobRun(workspaceId, Guid.Empty, workspaceId, 1), Ct);

    private Task<TimeSpan> LifeAsync(string of, Guid id) => _host.AsOwnerAsync<TimeSpan>($"select expires_at - created_at from {of}", id);

    private Task<TimeSpan> EndsInAsync(string of, Guid id, string column = "expires_at") =>
        _host.AsOwnerAsync<TimeSpan>($"select max({column}) - now() from {of}", id);

    private Task<long> CountAsync(string of, Guid id) => _host.AsOwnerAsync<long>($"select count(*) from {of}", id);
}
