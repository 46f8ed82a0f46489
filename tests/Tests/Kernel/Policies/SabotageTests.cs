using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Shouldly;
using Tenet.Kernel.Policies;
using Tenet.Kernel.Workspaces;
using Tenet.Tests.Support;
using Xunit;

namespace Tenet.Tests.Kernel.Policies;

/// <summary>Each property is broken behind the code's back, in a database of its own, and the right promise must say so in one look.</summary>
[Collection("Roles")]
public sealed class SabotageTests(SabotagedHost sabotaged) : IClassFixture<SabotagedHost>
{
    private readonly TestHost _host = sabotaged.Host;
    private readonly Workspace _workspace = sabotaged.Workspace;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Nothing_is_broken_before_anything_was_done()
    {
        foreach (var policy in await _host.Services.GetRequiredService<PolicyBook>().PublishedAsync(Ct))
        {
            var reports = await LookAsync(policy);

            reports.Where(report => report.State == PromiseState.Broken).Select(Told).ShouldBeEmpty(policy.Name);
        }
    }

    public static TheoryData<string, string, string> Sabotages =>
        new()
        {
            { "crm.16", "alter table inbox.message disable row level security", "alter table inbox.message enable row level security" },
            { "crm.16", "alter table inbox.message no force row level security", "alter table inbox.message force row level security" },
            { "crm.16", "create policy leak on inbox.message to tenet_app using (true)", "drop policy leak on inbox.message" },
            { "crm.16", "create view inbox.peek as select * from inbox.message", "drop view inbox.peek" },
            { "crm.16", "grant select on inbox.message to public", "revoke select on inbox.message from public" },
            { "crm.2", "alter table accounts.login add column phone text", "alter table accounts.login drop column phone" },
            { "crm.3", "alter table inbox.visitor add column ip inet", "alter table inbox.visitor drop column ip" },
            {
                "crm.13",
                "insert into assistant.settings (workspace_id, id, provider, model, base_url, key, key_ending, max_output_tokens, over_budget, changed_at) values ('{0}', '{0}', 'openai', 'm', '', 'sk-plain-text', 'text', 100, 'from_pages', now())",
                "delete from assistant.settings"
            },
            {
                "house.events",
                "insert into kernel.event (workspace_id, id, topic, subject_id, at) values ('{0}', '{0}', 'x', '{0}', now() - interval '8 days')",
                "delete from kernel.event"
            },
            {
                "widget.7",
                "insert into knowledge.source (workspace_id, id, kind, name, url, state, crawl, created_at) values ('{0}', '{0}', 'site', 's', 'https://shop.example/', 'ready', 1, now())",
                "delete from knowledge.source"
            },
            {
                "copilot.12",
                "insert into assistant.settings (workspace_id, id, provider, model, base_url, max_output_tokens, over_budget, changed_at) values ('{0}', '{0}', 'mistral', 'm', '', 100, 'from_pages', now())",
                "delete from assistant.settings"
            },
        };

    [Theory]
    [MemberData(nameof(Sabotages))]
    public async Task A_broken_property_breaks_its_promise(string promise, string sabotage, string mend)
    {
        var policy = await PolicyOfAsync(promise);
        (await StateAsync(policy, promise)).ShouldNotBe(PromiseState.Broken);

        await AsOwnerAsync(sabotage);
        (await StateAsync(policy, promise)).ShouldBe(PromiseState.Broken);

        await AsOwnerAsync(mend);
        (await StateAsync(policy, promise)).ShouldNotBe(PromiseState.Broken);
    }

    [Fact]
    public async Task An_attestation_counts_until_it_lapses()
    {
        var policy = await PolicyOfAsync("crm.17");
        (await StateAsync(policy, "crm.17")).ShouldBe(PromiseState.Unknown);
        const string give =
            "insert into kernel.attestation (workspace_id, id, what, evidence, given_by, given_at) values ('{0}', gen_random_uuid(), 'The list of engineers with production access and their need was reviewed.', 'minutes', '{0}', now() - interval '";

        await AsOwnerAsync(give + "7 months')");
        (await StateAsync(policy, "crm.17")).ShouldBe(PromiseState.Lapsed);

        await AsOwnerAsync(give + "1 month')");
        (await StateAsync(policy, "crm.17")).ShouldBe(PromiseState.Holds);
    }

    [Fact]
    public async Task What_is_not_built_yet_never_holds()
    {
        var reports = await LookAsync(await PolicyOfAsync("widget.11"));

        reports.Where(report => report.Promise.Awaits is not null).ShouldAllBe(report => report.State == PromiseState.NotYet);
    }

    private static string Told(PromiseReport report) =>
        report.Promise.Id + ": " + string.Join(" ", report.Claims.Select(claim => claim.Finding?.Says));

    private async Task<PromiseState> StateAsync(Policy policy, string promise) =>
        (await LookAsync(policy)).Single(report => report.Promise.Id == promise).State;

    private Task<IReadOnlyList<PromiseReport>> LookAsync(Policy policy) =>
        _host.Services.GetRequiredService<Prober>().LookAsync(_workspace.Id, policy, Ct);

    private async Task<Policy> PolicyOfAsync(string promise) =>
        (await _host.Services.GetRequiredService<PolicyBook>().PublishedAsync(Ct)).First(policy =>
            policy.Promises.Any(known => known.Id == promise)
        );

    private async Task AsOwnerAsync(string sql)
    {
        await using var connection = new NpgsqlConnection(_host.AdminConnectionString);
        await connection.OpenAsync(Ct);
        await using var command = new NpgsqlCommand(sql.Replace("{0}", _workspace.Id.ToString(), StringComparison.Ordinal), connection);
        await command.ExecuteNonQueryAsync(Ct);
    }
}

/// <summary>A host on a database of its own, with one workspace. Its tests run one after another and mend what they broke.</summary>
public sealed class SabotagedHost(TestCluster cluster) : IAsyncLifetime
{
    internal TestHost Host { get; private set; } = null!;
    internal Workspace Workspace { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Host = await cluster.StartHostAsync(background: false);
        Workspace = await Host.OpenWorkspaceAsync();
    }

    public ValueTask DisposeAsync() => Host.DisposeAsync();
}
