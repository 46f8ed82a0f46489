using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Tenet.Accounts;
using Tenet.Inbox;
using Tenet.Kernel.Audit;
using Tenet.Kernel.Http;
using Tenet.Kernel.Http.Limits;
using Tenet.Kernel.Jobs;
using Tenet.Kernel.Policies;
using Tenet.Kernel.Telemetry;
using Tenet.Kernel.Workspaces;
using Tenet.Tests.Support;
using Xunit;

namespace Tenet.Tests.Kernel.Policies;

/// <summary>A number in the file is changed and nothing else: what runs does what it says.</summary>
public sealed class EnforcerTests(NumbersHost numbers) : IClassFixture<NumbersHost>
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

    private Task<long> CountAsync(string of, Guid id) => _host.AsOwnerAsync<long>($"select count(*) from {of}", id);
}

/// <summary>A host under a policy of its own, which changes every number of the house rules.</summary>
public sealed class NumbersHost(TestCluster cluster) : IAsyncLifetime
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("tenet-numbers-");

    internal TestHost Host { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        File.Copy(Path.Combine(AppContext.BaseDirectory, "policies", "house.yaml"), Path.Combine(_folder.FullName, "house.yaml"));
        await File.WriteAllTextAsync(Path.Combine(_folder.FullName, "numbers.yaml"), Policy());
        Host = await cluster.StartHostAsync(
            background: false,
            limits: new RateLimitOptions(),
            settings: options => options with { Policies = new PolicyOptions("numbers", _folder.FullName, Probing: false) }
        );
    }

    private static string Policy()
    {
        (string Of, string Keep)[] ages =
        [
            ("audit.log", "40 days"),
            ("kernel.events", "2 days"),
            ("kernel.mail", "3 days"),
            ("kernel.blobs", "4 days"),
            ("accounts.invitations", "3 days"),
            ("accounts.sessions", "2 hours"),
        ];
        (string Of, string Most)[] lives =
        [
            ("session", "4 hours"),
            ("pending_session", "2 minutes"),
            ("sign_in_link", "3 minutes"),
            ("step_up", "1 minute"),
            ("invitation", "2 days"),
        ];
        return "policy: numbers\nversion: \"1\"\nextends: house\neffective: 2026-01-01\nnotice: 30 days\npromises:\n  - id: numbers.all\n    says: Other numbers.\n    claims:\n"
            + string.Concat(ages.Select(age => $"      - claim: retention\n        of: {age.Of}\n        keep: {age.Keep}\n"))
            + string.Concat(lives.Select(life => $"      - claim: token_lifetime\n        of: {life.Of}\n        at_most: {life.Most}\n"))
            + "      - claim: retention\n        of: inbox.conversations\n        keep: 5 days\n        at_most: 6 days\n"
            + "      - claim: rate_limit\n        of: pages\n        per_ip: 77\n        per_workspace: 5000\n"
            + "      - claim: rate_limit\n        of: sign_in\n        per_ip: 77\n        per_workspace: 5000\n"
            + "      - claim: rate_limit\n        of: api\n        per_ip: 88\n        per_workspace: 99\n"
            + "      - claim: log_age\n        keep: 3 days\n";
    }

    public async ValueTask DisposeAsync()
    {
        await Host.DisposeAsync();
        _folder.Delete(recursive: true);
    }
}
