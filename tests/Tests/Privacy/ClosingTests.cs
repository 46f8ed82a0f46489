using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Shouldly;
using Tenet.Kernel.Http;
using Tenet.Kernel.Jobs;
using Tenet.Kernel.Policies;
using Tenet.Kernel.Workspaces;
using Tenet.Privacy.Certificates;
using Tenet.Privacy.Closings;
using Tenet.Tests.Inbox;
using Tenet.Tests.Support;
using Xunit;

namespace Tenet.Tests.Privacy;

public sealed class ClosingTests(TestCluster cluster)
{
    private readonly CancellationToken _ct = TestContext.Current.CancellationToken;

    [Fact]
    public async Task Nobody_gets_into_a_closed_workspace_but_an_owner_who_reopens_it()
    {
        var host = cluster.Host;
        var workspace = await host.OpenWorkspaceAsync();
        var owner = await host.JoinAsync(workspace, Access.Owner);
        var admin = await host.JoinAsync(workspace, Access.Admin);
        using var visitor = await WidgetVisitor.ArriveAsync(host, workspace);

        (await CloseAsync(admin.Client, "DELETE")).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        (await CloseAsync(owner.Client, "delete")).StatusCode.ShouldBe(HttpStatusCode.UnprocessableEntity);
        (await CloseAsync(owner.Client, "DELETE")).StatusCode.ShouldBe(HttpStatusCode.OK);

        await Eventually.HoldsAsync(
            async () => (await admin.Client.GetAsync("/api/workspace", _ct)).StatusCode == HttpStatusCode.Unauthorized,
            "the admin is out",
            _ct
        );
        (await owner.Client.GetAsync("/api/workspace", _ct)).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        using var said = await visitor.Client.PostAsJsonAsync(
            "/api/widget/messages",
            new { clientId = Guid.CreateVersion7(), text = "Hello?" },
            _ct
        );
        said.StatusCode.ShouldBe(HttpStatusCode.Gone);
        (await said.Content.ReadAsStringAsync(_ct)).ShouldContain("closed");
        var closure = await owner.Client.GetFromJsonAsync<JsonElement>("/api/workspace/closure", _ct);
        closure.GetProperty("state").GetString().ShouldBe("waiting");
        var part = closure.GetProperty("parts").EnumerateArray().Single(part => part.GetProperty("part").GetString() == "everything");
        (part.GetProperty("goneBy").GetDateTimeOffset() - closure.GetProperty("closedAt").GetDateTimeOffset()).ShouldBe(
            TimeSpan.FromDays(7)
        );
        part.GetProperty("beginsAt").GetDateTimeOffset().ShouldBeLessThan(part.GetProperty("goneBy").GetDateTimeOffset());

        (await owner.Client.DeleteAsync("/api/workspace/closure", _ct)).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        await Eventually.HoldsAsync(
            async () => (await admin.Client.GetAsync("/api/workspace", _ct)).IsSuccessStatusCode,
            "the admin is in again",
            _ct
        );
        await visitor.SayAsync("And now?");
        (
            await host.AsOwnerAsync<long>(
                "select count(*) from kernel.job where workspace_id = $1 and kind = 'privacy.purge_workspace'",
                workspace.Id
            )
        ).ShouldBe(0);
        (
            await host.AsOwnerAsync<bool>(
                "select bool_and(next_at < now() + interval '2 days') from kernel.schedule where workspace_id = $1",
                workspace.Id
            )
        ).ShouldBeTrue();
    }

    [Fact]
    public async Task Of_a_deleted_workspace_no_row_is_left_in_any_table_and_of_another_every_one_is()
    {
        await using var host = await cluster.StartHostAsync();
        var (gone, stays) = (await host.OpenWorkspaceAsync(), await host.OpenWorkspaceAsync());
        var owner = await host.JoinAsync(gone, Access.Owner);
        await host.JoinAsync(stays, Access.Owner);
        using var visitor = await WidgetVisitor.ArriveAsync(host, gone);
        using var other = await WidgetVisitor.ArriveAsync(host, stays);
        await visitor.SayAsync("Do you deliver to Bern?");
        await other.SayAsync("Do you deliver to Basel?");
        await CloseAsync(owner.Client, "DELETE");
        await host.Door.BatchAsync(
            gone.Id,
            Actor.System,
            batch => batch.Add(Tenet.Billing.Ledger.Booking.Grant(gone.Id, new Tenet.Billing.Credits(1), batch.Now)),
            _ct
        );
        // Put off while the deletion ran, as checkpoints of the log are: nobody waits for it.
        await host.AsOwnerAsync<object>(
            "insert into kernel.job (workspace_id, id, kind, subject_id, run_at, created_at) values ($1, $2, 'audit.checkpoint', $1, now() + interval '1 day', now() + interval '1 day')",
            gone.Id,
            Guid.CreateVersion7()
        );
        var before = await CountAsync(host, stays);

        var certificate = await PurgeAsync(host, gone);

        var left = await CountAsync(host, gone);
        left.Where(table => table.Value > 0)
            .Select(table => table.Key)
            .ShouldBe(
                // Financial records stay by law, and the certificate says so.
                ["privacy.closing", "privacy.closing_outcome", "privacy.closing_part", "billing.transaction", "billing.entry"],
                ignoreOrder: true
            );
        certificate
            .Stores.Single(store => store.Store == "billing.entry")
            .ShouldSatisfyAllConditions(
                store => store.Outcome.ShouldBe("retained"),
                store => store.RowsRemaining.ShouldBe(2),
                store => store.Ground.ShouldNotBeNull()
            );
        var after = await CountAsync(host, stays);
        // But for what waits to be done, which is done meanwhile.
        foreach (var (table, rows) in before.Where(table => table.Key is not ("audit.due" or "kernel.job" or "kernel.event")))
        {
            after[table].ShouldBeGreaterThanOrEqualTo(rows, table);
        }
        (await host.AsOwnerAsync<long>("select count(*) from accounts.login where id = $1", owner.Member.LoginId)).ShouldBe(0);
        (await host.AsOwnerAsync<string>("select name from kernel.workspace where id = $1", gone.Id)).ShouldBe("A deleted workspace");
        certificate.Scope.ShouldBe("workspace");
        certificate.Keys.ShouldHaveSingleItem().DestroyedAt.ShouldBeGreaterThan(certificate.RequestedAt);
        certificate.Stores.Single(store => store.Store == "inbox.message").RowsFound.ShouldBeGreaterThan(0);
        certificate
            .Stores.Where(store => store.Store != "kernel.mail" && store.Ground is null)
            .ShouldAllBe(store => store.RowsRemaining == 0);
        using var client = host.Client();
        certificate.IsOf(await client.GetStringAsync("/trust/certificate-key.pem", _ct)).ShouldBeTrue();
        // The ledger outside says so to who knows the workspace already.
        Directory
            .EnumerateFiles(Path.Combine(Path.GetDirectoryName(cluster.MasterKeyFile)!, "audit", "erasures", gone.Id.ToString("D")))
            .Select(File.ReadAllText)
            .ShouldContain(text => text.Contains(Convert.ToBase64String(certificate.Subject)));
    }

    [Fact]
    public async Task Once_the_deletion_has_begun_nobody_reopens_the_workspace()
    {
        await using var host = await cluster.StartHostAsync(background: false);
        var workspace = await host.OpenWorkspaceAsync();
        var owner = await host.JoinAsync(workspace, Access.Owner);
        await CloseAsync(owner.Client, "DELETE");
        await DueAsync(host, workspace);

        using var refused = await owner.Client.DeleteAsync("/api/workspace/closure", _ct);
        refused.StatusCode.ShouldBe(HttpStatusCode.Conflict);
        (await refused.Content.ReadAsStringAsync(_ct)).ShouldContain("has begun");
    }

    [Fact]
    public async Task The_second_role_deletes_nothing_of_a_workspace_that_is_not_being_deleted()
    {
        var workspace = await cluster.Host.OpenWorkspaceAsync();
        await cluster.Host.JoinAsync(workspace, Access.Owner);

        var deleted = await cluster.Host.System.RunAsync(
            s => s.ExecuteAsync($"delete from audit.entry where workspace_id = {workspace.Id}", _ct),
            _ct
        );
        await Should.ThrowAsync<PostgresException>(() =>
            cluster.Host.System.RunAsync(s => s.ScalarAsync<string>($"select action from audit.entry limit 1", _ct), _ct)
        );

        deleted.ShouldBe(0);
    }

    [Fact]
    public async Task Rows_of_a_workspace_that_was_closed_too_long_ago_break_the_promise()
    {
        await using var host = await cluster.StartHostAsync(background: false);
        var workspace = await host.OpenWorkspaceAsync();
        await host.JoinAsync(workspace, Access.Owner);
        var policy = host
            .Services.GetRequiredService<PolicyBook>()
            .Read([("house.yaml", File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "policies", "house.yaml")))]);
        var claim = policy.Claims.Select(found => found.Claim).Single(found => found.Kind.Name == WorkspacePurge.Kind);
        Task<Finding> ProbeAsync() =>
            claim.Kind.ProbeAsync(new ProbeRun(workspace.Id, policy, host.Door, host.Services, DateTimeOffset.UtcNow), claim, _ct);

        await host.AsOwnerAsync<object>("update kernel.workspace set closed_at = now() - interval '8 days' where id = $1", workspace.Id);
        var broken = await ProbeAsync();
        await host.AsOwnerAsync<object>("update kernel.workspace set closed_at = null where id = $1", workspace.Id);

        broken.Verdict.ShouldBe(Verdict.Broken);
        broken.Says.ShouldContain("accounts.member");
        (await ProbeAsync()).Says.ShouldNotContain("accounts.member");
    }

    private Task<HttpResponseMessage> CloseAsync(HttpClient client, string word) =>
        client.PutAsJsonAsync("/api/workspace/closure", new { confirm = word }, _ct);

    private static async Task DueAsync(TestHost host, Workspace workspace)
    {
        await host.AsOwnerAsync<object>(
            "update privacy.closing set purge_at = now() - interval '1 minute' where workspace_id = $1",
            workspace.Id
        );
        await host.AsOwnerAsync<object>(
            "update privacy.closing_part set begins_at = now() - interval '1 minute' where workspace_id = $1",
            workspace.Id
        );
    }

    private static async Task<DeletionCertificate> PurgeAsync(TestHost host, Workspace workspace)
    {
        await DueAsync(host, workspace);
        await using var scope = host.Services.CreateAsyncScope();
        var purge = scope.ServiceProvider.GetRequiredService<PurgeWorkspace>();
        var id = await host.AsOwnerAsync<Guid>("select id from privacy.closing where workspace_id = $1", workspace.Id);
        await Eventually.HoldsAsync(
            async () =>
            {
                // Comes back as long as jobs that the deletion asked for have not ended.
                await purge.RunAsync(new JobRun(workspace.Id, Guid.CreateVersion7(), id, 1), TestContext.Current.CancellationToken);
                return await host.AsOwnerAsync<bool>("select state = 'done' from privacy.closing where id = $1", id);
            },
            "the workspace is deleted",
            TestContext.Current.CancellationToken
        );
        await host.AsOwnerAsync<object>("update kernel.job set run_at = now() where workspace_id = $1", workspace.Id);
        await host.WaitUntilAsync("select count(*) = 0 from kernel.job where workspace_id = $1", workspace.Id);
        var text = await host.AsOwnerAsync<string>("select certificate from privacy.closing where workspace_id = $1", workspace.Id);
        return DeletionCertificate.Verify(System.Text.Encoding.UTF8.GetBytes(text!));
    }

    /// <summary>The rows of a workspace in every table that has any, as the database's owner.</summary>
    private static async Task<Dictionary<string, long>> CountAsync(TestHost host, Workspace workspace)
    {
        var tables = await host.AsOwnerAsync<string[]>(
            """
            select array_agg(n.nspname || '.' || c.relname) from pg_class c join pg_namespace n on n.oid = c.relnamespace
              join pg_attribute a on a.attrelid = c.oid and a.attname = 'workspace_id'
             where c.relkind = 'r' and n.nspname not like 'pg\_%' and c.oid not in ('kernel.mail'::regclass, 'kernel.rate_window'::regclass)
            """
        );
        var counts = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (var table in tables!)
        {
            counts[table] = await host.AsOwnerAsync<long>($"select count(*) from {table} where workspace_id = $1", workspace.Id);
        }
        return counts;
    }
}
