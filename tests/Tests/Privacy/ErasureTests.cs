using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;
using Shouldly;
using Tenet.Kernel.Audit;
using Tenet.Kernel.Blobs;
using Tenet.Kernel.DataMaps;
using Tenet.Kernel.Http;
using Tenet.Kernel.Jobs;
using Tenet.Kernel.Workspaces;
using Tenet.Privacy.Certificates;
using Tenet.Privacy.Erasures;
using Tenet.Tests.Crash;
using Tenet.Tests.Inbox;
using Tenet.Tests.Support;
using Xunit;

namespace Tenet.Tests.Privacy;

public sealed class ErasureTests(TestCluster cluster)
{
    private readonly CancellationToken _ct = TestContext.Current.CancellationToken;

    [Fact]
    public async Task Nothing_of_an_erased_person_is_left_in_any_table_and_everything_of_another_is()
    {
        var logs = new CapturedLogs();
        await using var host = await cluster.StartHostAsync(
            app => app.Logging.AddProvider(logs).SetMinimumLevel(LogLevel.Debug),
            background: false
        );
        var workspace = await host.OpenWorkspaceAsync();
        var owner = await host.JoinAsync(workspace, Access.Owner);
        await using var connection = new NpgsqlConnection(host.AdminConnectionString);
        await connection.OpenAsync(_ct);
        var graph = await host.Services.GetRequiredService<Census>().SubjectsAsync(_ct);
        await DropChecksAsync(connection, graph);
        var (first, second) = (new PlantedPerson(graph, workspace.Id), new PlantedPerson(graph, workspace.Id));
        await first.PlantAsync(connection);
        await second.PlantAsync(connection);
        // Each mark is where it was planted, so that finding none afterwards means something.
        first.Marks.Count.ShouldBeGreaterThan(15);
        foreach (var (column, mark) in first.Marks.Concat(second.Marks))
        {
            (await RawSearch.TablesWithAsync(connection, mark)).ShouldBe([column[..column.LastIndexOf('.')]], column);
        }

        var id = await BeginAsync(owner.Client, first.Ids);
        await RunJobAsync(host, workspace, id);

        foreach (var (column, mark) in first.Marks)
        {
            var table = column[..column.LastIndexOf('.')];
            var stays = graph.Tables.Single(t => t.Table == table).Retained is not null;
            (await RawSearch.TablesWithAsync(connection, mark)).ShouldBe(stays ? [table] : [], column);
            logs.Lines.ShouldNotContain(line => line.Contains(mark, StringComparison.OrdinalIgnoreCase));
        }
        foreach (var (column, mark) in second.Marks)
        {
            (await RawSearch.TablesWithAsync(connection, mark)).ShouldBe([column[..column.LastIndexOf('.')]], column);
        }
        var certificate = DeletionCertificate.Verify(await owner.Client.GetByteArrayAsync($"/api/privacy/erasures/{id}/certificate", _ct));
        foreach (var table in graph.Tenants.Where(table => table.Retained is null))
        {
            var said = certificate.Stores.Single(store => store.Store == table.Table);
            (said.Outcome, said.RowsFound, said.RowsRemaining).ShouldBe(("erased", 1, 0), table.Table);
        }
        certificate.Stores.Where(store => store.Outcome == "retained").ShouldAllBe(store => store.Ground!.Length > 20);
        // Which rows it was about is forgotten with them.
        (await host.AsOwnerAsync<bool>("select persons is null from privacy.erasure where id = $1", id)).ShouldBeTrue();
    }

    [Fact]
    public async Task Letters_kept_answers_blobs_and_what_lies_outside_hold_nothing_of_the_erased_either()
    {
        await using var host = await cluster.StartHostAsync(background: false);
        var workspace = await host.OpenWorkspaceAsync();
        var owner = await host.JoinAsync(workspace, Access.Owner);
        await InviteAsync(owner.Client, "gone@example.org", "k1");
        await InviteAsync(owner.Client, "stays@example.org", "k2");
        var person = (await SearchAsync(owner.Client, " Gone@Example.org ")).GetProperty("persons")[0].GetProperty("id").GetGuid();
        var blobs = host.Services.GetRequiredService<BlobStore>();
        var blob = await blobs.WriteAsync(
            workspace.Id,
            Actor.System,
            new MemoryStream(Encoding.UTF8.GetBytes("Her photograph")),
            1000,
            person,
            _ct
        );

        var id = await BeginAsync(owner.Client, [person]);
        await RunJobAsync(host, workspace, id);

        (await host.AsOwnerAsync<long>("select count(*) from kernel.mail where workspace_id = $1", workspace.Id)).ShouldBe(1);
        (await host.AsOwnerAsync<long>("select count(*) from accounts.invitation where workspace_id = $1", workspace.Id)).ShouldBe(1);
        await Should.ThrowAsync<NotFoundException>(() => blobs.OpenAsync(workspace.Id, Actor.System, blob, _ct));
        // The answer's text is gone, and yet the request is not done again.
        using var again = await InviteAsync(owner.Client, "gone@example.org", "k1");
        again.StatusCode.ShouldBe(HttpStatusCode.Conflict);
        (await again.Content.ReadAsStringAsync(_ct)).ShouldContain("done before");
        var stores = DeletionCertificate
            .Verify(await owner.Client.GetByteArrayAsync($"/api/privacy/erasures/{id}/certificate", _ct))
            .Stores.ToDictionary(store => store.Store, store => (store.Outcome, store.RowsFound), StringComparer.Ordinal);
        stores["kernel.mail"].ShouldBe(("erased", 1));
        stores["kernel.blob"].ShouldBe(("erased", 1));
        stores["keys"].ShouldBe(("erased", 1));
        stores["kernel.saved_answer"].Outcome.ShouldBe("erased");
        stores["inbox.visitor"].ShouldBe(("nothing_found", 0));
        var outside = Directory
            .EnumerateFiles(
                Path.Combine(Path.GetDirectoryName(cluster.MasterKeyFile)!, "audit", "erasures", workspace.Id.ToString("D")),
                "*.checkpoint"
            )
            .Select(File.ReadAllText)
            .ShouldHaveSingleItem();
        outside.ShouldContain(id.ToString());
        outside.ShouldNotContain("gone@", Case.Insensitive);
        outside.ShouldNotContain(person.ToString());
    }

    [Fact]
    public async Task What_an_erased_person_wrote_is_in_no_table_blob_log_or_cache_and_in_nothing_outside()
    {
        var logs = new CapturedLogs();
        await using var host = await cluster.StartHostAsync(app => app.Logging.AddProvider(logs).SetMinimumLevel(LogLevel.Debug));
        var workspace = await host.OpenWorkspaceAsync();
        var owner = await host.JoinAsync(workspace, Access.Owner);
        using var first = await WidgetVisitor.ArriveAsync(host, workspace);
        using var second = await WidgetVisitor.ArriveAsync(host, workspace);
        var (gone, stays) = ("gzq" + Guid.NewGuid().ToString("N"), "szq" + Guid.NewGuid().ToString("N"));
        foreach (var (visitor, word) in new[] { (first, gone), (second, stays) })
        {
            await visitor.SayAsync($"Is {word} far?");
            var blob = await host
                .Services.GetRequiredService<BlobStore>()
                .WriteAsync(workspace.Id, Actor.System, new MemoryStream(Encoding.UTF8.GetBytes(word)), 1000, visitor.VisitorId, _ct);
            await host.Door.RunAsync(workspace.Id, Actor.System, ctx => BlobStore.KeepAsync(ctx, blob, _ct), _ct);
        }
        await using var connection = new NpgsqlConnection(host.AdminConnectionString);
        await connection.OpenAsync(_ct);
        (await RawSearch.TablesWithAsync(connection, gone)).ShouldContain("inbox.message");

        var id = await BeginAsync(owner.Client, [first.VisitorId]);
        await host.WaitUntilAsync("select state = 'done' from privacy.erasure where id = $1", id);

        (await RawSearch.TablesWithAsync(connection, gone)).ShouldBeEmpty();
        (await RawSearch.TablesWithAsync(connection, stays)).ShouldContain("inbox.message");
        (await host.AsOwnerAsync<long>("select count(*) from kernel.blob where workspace_id = $1", workspace.Id)).ShouldBe(1);
        (await host.AsOwnerAsync<long>("select count(*) from kernel.job where subject_id = $1", first.VisitorId)).ShouldBe(0);
        logs.Lines.ShouldNotContain(line => line.Contains(gone, StringComparison.OrdinalIgnoreCase));
        Directory
            .EnumerateFiles(Path.Combine(Path.GetDirectoryName(cluster.MasterKeyFile)!, "audit"), "*", SearchOption.AllDirectories)
            .ShouldAllBe(file => !File.ReadAllText(file).Contains(gone));
        // What the services of the host hold; a stream that just ends may hold a line for a moment.
        await Eventually.HoldsAsync(
            () => ProcessMemory.HoldersOf(gone, host.Services).Count == 0,
            "no cache, index or queue holds what was erased",
            _ct
        );
    }

    [Fact]
    public async Task Who_was_erased_and_is_there_again_after_a_restore_is_erased_again_and_nobody_else()
    {
        await using var host = await cluster.StartHostAsync(background: false);
        var workspace = await host.OpenWorkspaceAsync();
        var owner = await host.JoinAsync(workspace, Access.Owner);
        using var gone = await WidgetVisitor.ArriveAsync(host, workspace);
        using var stays = await WidgetVisitor.ArriveAsync(host, workspace);
        var replay = host.Services.GetRequiredService<ReplayErasures>();
        (await replay.RunAsync(workspace.Id, _ct)).ShouldBe(new ReplayedErasures(0, 0));
        await RunJobAsync(host, workspace, await BeginAsync(owner.Client, [gone.VisitorId]));
        (await replay.RunAsync(workspace.Id, _ct)).ShouldBe(new ReplayedErasures(0, 0));

        // As a backup from before would bring it back: the row is there, the erasure and the destroyed key are not.
        await host.AsOwnerAsync<object>("delete from vault.subject_key where workspace_id = $1", workspace.Id);
        await host.AsOwnerAsync<object>(
            "insert into inbox.visitor (workspace_id, id, language, created_at, seen_at) values ($1, $2, 'en', now(), now())",
            workspace.Id,
            gone.VisitorId
        );
        (await replay.RunAsync(workspace.Id, _ct)).ShouldBe(new ReplayedErasures(1, 0));
        await RunJobAsync(
            host,
            workspace,
            await host.AsOwnerAsync<Guid>("select id from privacy.erasure where state = 'waiting' and workspace_id = $1", workspace.Id)
        );

        (await host.AsOwnerAsync<Guid>("select id from inbox.visitor where workspace_id = $1", workspace.Id)).ShouldBe(stays.VisitorId);
    }

    [Fact]
    public async Task Without_its_place_outside_nothing_is_destroyed()
    {
        var blocked = Path.Combine(Directory.CreateTempSubdirectory("tenet-ledger-").FullName, "file");
        await File.WriteAllTextAsync(blocked, "", _ct);
        await using var host = await cluster.StartHostAsync(background: false, settings: o => o with { Audit = new AuditOptions(blocked) });
        var workspace = await host.OpenWorkspaceAsync();
        var owner = await host.JoinAsync(workspace, Access.Owner);
        await InviteAsync(owner.Client, "gone@example.org", "k1");
        var person = (await SearchAsync(owner.Client, "gone@example.org")).GetProperty("persons")[0].GetProperty("id").GetGuid();
        var id = await BeginAsync(owner.Client, [person]);

        await Should.ThrowAsync<Exception>(() => RunJobAsync(host, workspace, id));

        (await host.AsOwnerAsync<long>("select count(*) from accounts.invitation where workspace_id = $1", workspace.Id)).ShouldBe(1);
        (await host.AsOwnerAsync<string>("select state from privacy.erasure where id = $1", id)).ShouldBe("waiting");
    }

    [Fact]
    public async Task A_visitor_who_goes_on_writing_while_they_are_erased_leaves_nothing_and_comes_back_as_somebody_new()
    {
        await using var host = await cluster.StartHostAsync(settings: o =>
            o with
            {
                VisitorLimits = new() { MessagesPerVisitor = 1_000_000, MessagesPerWorkspace = 1_000_000 },
            }
        );
        var workspace = await host.OpenWorkspaceAsync();
        var owner = await host.JoinAsync(workspace, Access.Owner);
        using var visitor = await WidgetVisitor.ArriveAsync(host, workspace);
        await visitor.SayAsync("Do you deliver to Bern?");

        var chatter = Task.Run(
            async () =>
            {
                var last = HttpStatusCode.Accepted;
                for (var n = 0; last == HttpStatusCode.Accepted; n++)
                {
                    using var said = await visitor.Client.PostAsJsonAsync(
                        "/api/widget/messages",
                        new { clientId = Guid.CreateVersion7(), text = $"And {n}?" },
                        _ct
                    );
                    last = said.StatusCode;
                }
                return last;
            },
            _ct
        );
        // Twice at once: one erasure.
        var ids = await Task.WhenAll(BeginAsync(owner.Client, [visitor.VisitorId]), BeginAsync(owner.Client, [visitor.VisitorId]));
        ids[0].ShouldBe(ids[1]);
        await host.WaitUntilAsync("select state = 'done' from privacy.erasure where id = $1", ids[0]);

        (await chatter).ShouldBe(HttpStatusCode.NotFound);
        foreach (var table in new[] { "visitor", "conversation", "message" })
        {
            (await host.AsOwnerAsync<long>($"select count(*) from inbox.{table} where workspace_id = $1", workspace.Id)).ShouldBe(0, table);
        }
        var session = await visitor.Client.PostAsJsonAsync(
            $"/api/widget/{visitor.Key}/sessions",
            new { visitorToken = visitor.Token },
            _ct
        );
        (await session.Content.ReadFromJsonAsync<JsonElement>(_ct)).GetProperty("visitorId").GetGuid().ShouldNotBe(visitor.VisitorId);
        (await host.Services.GetRequiredService<VerifyAudit>().RunAsync(workspace.Id, null, null, _ct)).Findings.ShouldBeEmpty();
    }

    [Fact]
    public async Task The_only_owner_cannot_be_erased_and_nobody_is_found_under_a_made_up_id()
    {
        var workspace = await cluster.Host.OpenWorkspaceAsync();
        var owner = await cluster.Host.JoinAsync(workspace, Access.Owner);
        var other = await cluster.Host.JoinAsync(await cluster.Host.OpenWorkspaceAsync(), Access.Owner);

        (await PostAsync(owner.Client, [owner.Member.Id])).StatusCode.ShouldBe(HttpStatusCode.Conflict);
        (await PostAsync(owner.Client, [Guid.CreateVersion7()])).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        // Somebody else's person answers as nobody does.
        (await PostAsync(owner.Client, [other.Member.Id])).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        using var agent = await cluster.Host.SignInAsync(workspace, Access.Agent);
        (await PostAsync(agent, [owner.Member.Id])).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
    }

    [Fact]
    public async Task A_subject_is_found_by_address_and_own_id_in_every_table_and_the_search_leaves_no_word_of_it()
    {
        var workspace = await cluster.Host.OpenWorkspaceAsync();
        var owner = await cluster.Host.JoinAsync(workspace, Access.Owner, "kim@example.org");
        using var visitor = await WidgetVisitor.ArriveAsync(cluster.Host, workspace);
        await visitor.SayAsync("Hello?");
        await cluster.Host.AsOwnerAsync<object>(
            "update inbox.visitor set email = 'kim@example.org', external_id = 'C-77' where id = $1",
            visitor.VisitorId
        );

        var found = await SearchAsync(owner.Client, "KIM@example.org");
        found
            .GetProperty("persons")
            .EnumerateArray()
            .Select(row => row.GetProperty("table").GetString())
            .ShouldBe(["accounts.member", "inbox.visitor"], ignoreOrder: true);
        var held = found.GetProperty("held").EnumerateArray().Select(row => row.GetProperty("table").GetString()).ToList();
        new[] { "inbox.visitor", "accounts.member", "inbox.conversation", "inbox.message" }.ShouldBeSubsetOf(held);
        foreach (var value in new[] { "C-77", visitor.VisitorId.ToString() })
        {
            (await SearchAsync(owner.Client, value))
                .GetProperty("persons")
                .EnumerateArray()
                .Single()
                .GetProperty("id")
                .GetGuid()
                .ShouldBe(visitor.VisitorId);
        }
        (await SearchAsync(owner.Client, "nobody@example.org")).GetProperty("persons").GetArrayLength().ShouldBe(0);
        (
            await cluster.Host.AsOwnerAsync<bool>(
                "select bool_and(strpos(e::text, 'example.org') = 0 and strpos(e::text, 'C-77') = 0) from audit.entry e where workspace_id = $1 and action = 'subject.searched'",
                workspace.Id
            )
        ).ShouldBeTrue();
    }

    private static async Task DropChecksAsync(NpgsqlConnection connection, SubjectGraph graph)
    {
        var tables = string.Join(", ", graph.Tables.Select(table => $"'{table.Table}'::regclass"));
        await using var drop = new NpgsqlCommand(
            $"do $$ declare c record; begin for c in select conrelid::regclass as t, conname from pg_constraint where contype = 'c' and conrelid in ({tables}) loop execute format('alter table %s drop constraint %I', c.t, c.conname); end loop; end $$",
            connection
        );
        await drop.ExecuteNonQueryAsync();
    }

    [Fact]
    public async Task What_no_key_opens_any_more_stands_in_no_erasures_way()
    {
        await using var host = await cluster.StartHostAsync(background: false);
        var workspace = await host.OpenWorkspaceAsync();
        await host.AsOwnerAsync<object>(
            """
            with letter as (insert into kernel.mail (id, workspace_id, sealed) values (gen_random_uuid(), $1, 'changed'))
            insert into kernel.saved_answer (workspace_id, id, fingerprint, status, answer, expires_at)
            values ($1, gen_random_uuid(), '', 201, 'changed', now() + interval '1 day')
            """,
            workspace.Id
        );

        var erasure = await ErasedPerson.BeginAsync(host, workspace.Id, _ct);
        await RunJobAsync(host, workspace, erasure);

        (await ErasedPerson.WrongAsync(host, erasure)).ShouldBe("");
        (await host.AsOwnerAsync<long>("select count(*) from kernel.mail where workspace_id = $1", workspace.Id)).ShouldBe(0);
        const string Answers = "select count(*) from kernel.saved_answer where workspace_id = $1 and status = 201 and answer <> 'changed'";
        (await host.AsOwnerAsync<long>(Answers, workspace.Id)).ShouldBe(1);
    }

    private Task RunJobAsync(TestHost host, Workspace workspace, Guid erasure) =>
        host
            .Services.CreateScope()
            .ServiceProvider.GetRequiredService<ErasePerson>()
            .RunAsync(new JobRun(workspace.Id, Guid.CreateVersion7(), erasure, 1), _ct);

    private Task<HttpResponseMessage> PostAsync(HttpClient client, Guid[] persons) =>
        client.PostAsJsonAsync("/api/privacy/erasures", new { persons, ground = "request" }, _ct);

    private async Task<Guid> BeginAsync(HttpClient client, Guid[] persons)
    {
        using var begun = await PostAsync(client, persons);
        begun.StatusCode.ShouldBe(HttpStatusCode.Accepted, await begun.Content.ReadAsStringAsync(_ct));
        return (await begun.Content.ReadFromJsonAsync<JsonElement>(_ct)).GetProperty("id").GetGuid();
    }

    private async Task<JsonElement> SearchAsync(HttpClient client, string value)
    {
        using var found = await client.PostAsJsonAsync("/api/privacy/subjects/searches", new { value }, _ct);
        found.EnsureSuccessStatusCode();
        return await found.Content.ReadFromJsonAsync<JsonElement>(_ct);
    }

    private async Task<HttpResponseMessage> InviteAsync(HttpClient client, string email, string key)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/invitations")
        {
            Content = JsonContent.Create(new { email, role = "viewer" }),
            Headers = { { "Idempotency-Key", key } },
        };
        return await client.SendAsync(request, _ct);
    }
}
