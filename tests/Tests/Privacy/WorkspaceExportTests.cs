using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Tenet.Kernel.Blobs;
using Tenet.Kernel.DataMaps;
using Tenet.Kernel.Http;
using Tenet.Kernel.Workspaces;
using Tenet.Privacy.Exports;
using Tenet.Tests.Inbox;
using Tenet.Tests.Support;
using Xunit;

namespace Tenet.Tests.Privacy;

public sealed class WorkspaceExportTests(TestCluster cluster)
{
    private readonly CancellationToken _ct = TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_copy_is_one_json_file_with_every_row_and_file_of_the_workspace_and_is_fetched_once()
    {
        await using var host = await cluster.StartHostAsync();
        var workspace = await host.OpenWorkspaceAsync();
        var owner = await host.JoinAsync(workspace, Access.Owner);
        using var visitor = await WidgetVisitor.ArriveAsync(host, workspace);
        await visitor.SayAsync("Is \"Zermatt\" far?\n\\ Grüße 😀");
        var blobs = host.Services.GetRequiredService<BlobStore>();
        var photograph = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("A photograph. ", 9_000)));
        var blob = await blobs.WriteAsync(workspace.Id, Actor.System, new MemoryStream(photograph), 1_000_000, null, _ct);
        await host.Door.RunAsync(workspace.Id, Actor.System, ctx => BlobStore.KeepAsync(ctx, blob, _ct), _ct);

        using var begun = await owner.Client.PostAsync("/api/workspace/exports", null, _ct);
        begun.StatusCode.ShouldBe(HttpStatusCode.Accepted, await begun.Content.ReadAsStringAsync(_ct));
        var body = await begun.Content.ReadFromJsonAsync<JsonElement>(_ct);
        await host.WaitUntilAsync("select state = 'ready' from privacy.workspace_export where id = $1", body.GetProperty("id").GetGuid());
        using var client = host.Client();
        using var taken = await client.PostAsync(body.GetProperty("link").GetString(), null, _ct);
        taken.Content.Headers.ContentType!.MediaType.ShouldBe("application/json");
        using var json = JsonDocument.Parse(await taken.Content.ReadAsByteArrayAsync(_ct));

        var tables = json
            .RootElement.GetProperty("tables")
            .EnumerateArray()
            .ToDictionary(table => table.GetProperty("table").GetString()!, StringComparer.Ordinal);
        foreach (var table in tables)
        {
            table.Value.GetProperty("rows").GetArrayLength().ShouldBe(table.Value.GetProperty("count").GetInt32(), table.Key);
        }
        tables["inbox.message"]
            .GetProperty("rows")
            .EnumerateArray()
            .Select(row => row.GetProperty("text").GetString())
            .ShouldContain("Is \"Zermatt\" far?\n\\ Grüße 😀");
        tables["accounts.member"].GetProperty("count").GetInt32().ShouldBe(1);
        tables.ShouldNotContainKey("vault.workspace_key");
        json.RootElement.GetProperty("files").EnumerateArray().Single().GetProperty("base64").GetBytesFromBase64().ShouldBe(photograph);
        json.RootElement.GetProperty("rowCount").GetInt64().ShouldBe(tables.Sum(table => table.Value.GetProperty("count").GetInt64()));
        json.RootElement.GetRawText().ShouldNotContain(workspace.Id.ToString("N"));
        json.RootElement.GetProperty("withheld")
            .EnumerateArray()
            .ShouldAllBe(entry => entry.GetProperty("because").GetString()!.Length > 20);
        using var again = await client.PostAsync(body.GetProperty("link").GetString(), null, _ct);
        again.StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task What_no_key_opens_any_more_is_named_in_the_copy_and_keeps_nothing_else_from_its_owner()
    {
        var host = cluster.Host;
        var workspace = await host.OpenWorkspaceAsync();
        var blobs = host.Services.GetRequiredService<BlobStore>();
        async Task<Guid> KeptAsync(string content)
        {
            var id = await blobs.WriteAsync(
                workspace.Id,
                Actor.System,
                new MemoryStream(Encoding.UTF8.GetBytes(content)),
                1_000,
                null,
                _ct
            );
            await host.Door.RunAsync(workspace.Id, Actor.System, ctx => BlobStore.KeepAsync(ctx, id, _ct), _ct);
            return id;
        }
        var (changed, whole) = (await KeptAsync("changed"), await KeptAsync("whole"));
        await host.AsOwnerAsync<object>("update kernel.blob_chunk set bytes = set_byte(bytes, 20, 7) where blob_id = $1", changed);
        await host.AsOwnerAsync<object>(
            "insert into kernel.saved_answer (workspace_id, id, fingerprint, status, answer, expires_at) values ($1, $1, '', 204, '\\x01', now() + interval '1 day')",
            workspace.Id
        );

        var (copy, _) = await host.Services.GetRequiredService<WriteWorkspaceFile>().RunAsync(workspace.Id, _ct);

        await using var stored = await blobs.OpenAsync(workspace.Id, Actor.System, copy, _ct);
        await using var unzipped = new System.IO.Compression.GZipStream(stored, System.IO.Compression.CompressionMode.Decompress);
        using var json = await JsonDocument.ParseAsync(unzipped, default, _ct);
        var answer = json
            .RootElement.GetProperty("tables")
            .EnumerateArray()
            .Single(table => table.GetProperty("table").GetString() == "kernel.saved_answer")
            .GetProperty("rows")[0];
        answer.GetProperty("answer").ValueKind.ShouldBe(JsonValueKind.Null);
        answer.GetProperty("$unreadable")[0].GetString().ShouldBe("answer");
        answer.GetProperty("status").GetInt32().ShouldBe(204);
        var files = json.RootElement.GetProperty("files").EnumerateArray().ToDictionary(file => file.GetProperty("id").GetGuid());
        files[changed].GetProperty("unreadable").GetBoolean().ShouldBeTrue();
        files[changed].GetProperty("base64").GetString().ShouldBe("");
        files[whole].GetProperty("base64").GetBytesFromBase64().ShouldBe(Encoding.UTF8.GetBytes("whole"));
        files[whole].TryGetProperty("unreadable", out var _).ShouldBeFalse();
    }

    [Fact]
    public async Task Every_table_behind_the_one_door_is_in_the_copy_or_says_why_not()
    {
        var host = cluster.Host;
        var workspace = await host.OpenWorkspaceAsync();
        var map = host.Services.GetRequiredService<DataMap>();

        var copied = await host.Door.RunAsync(workspace.Id, Actor.System, ctx => WorkspaceTables.ListAsync(ctx, map, _ct), _ct);
        var all = await host.AsOwnerAsync<string[]>(
            """
            select array_agg(n.nspname || '.' || c.relname) from pg_class c join pg_namespace n on n.oid = c.relnamespace
             where exists (select from pg_policy p where p.polrelid = c.oid and p.polroles = array['tenet_app'::regrole::oid] and p.polcmd = '*')
               and c.oid <> 'kernel.workspace'::regclass
            """
        );

        all!.Where(table => WorkspaceTables.Withheld(table) is null).ShouldBe(copied.Select(table => table.Table), ignoreOrder: true);
        // Somebody who only administers the workspace does not carry it away.
        using var admin = await host.SignInAsync(workspace, Access.Admin);
        (await admin.PostAsync("/api/workspace/exports", null, _ct)).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
    }
}
