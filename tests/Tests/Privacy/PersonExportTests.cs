using System.IO.Compression;
using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Tenet.Kernel.Blobs;
using Tenet.Kernel.Http;
using Tenet.Kernel.Workspaces;
using Tenet.Tests.Inbox;
using Tenet.Tests.Support;
using Xunit;

namespace Tenet.Tests.Privacy;

public sealed class PersonExportTests(TestCluster cluster)
{
    private readonly CancellationToken _ct = TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_copy_holds_what_the_person_said_and_sent_and_nothing_of_anybody_else_and_is_fetched_once()
    {
        var host = cluster.Host;
        var workspace = await host.OpenWorkspaceAsync();
        var owner = await host.JoinAsync(workspace, Access.Owner);
        using var visitor = await WidgetVisitor.ArriveAsync(host, workspace);
        using var other = await WidgetVisitor.ArriveAsync(host, workspace);
        await visitor.SayAsync("Is <b>Zermatt</b> far?");
        await other.SayAsync("Is Davos far?");
        await WriteBlobAsync(workspace, visitor.VisitorId, "A photograph");
        await WriteBlobAsync(workspace, other.VisitorId, "Another photograph");

        var (id, link) = await BeginAsync(owner.Client, visitor.VisitorId);
        await host.WaitUntilAsync("select state = 'ready' from privacy.person_export where id = $1", id);
        using var zip = new ZipArchive(new MemoryStream(await FetchAsync(link)));

        using var person = JsonDocument.Parse(Read(zip, "person.json"));
        var tables = person
            .RootElement.GetProperty("tables")
            .EnumerateArray()
            .ToDictionary(t => t.GetProperty("table").GetString()!, t => t.GetProperty("rows"), StringComparer.Ordinal);
        tables["inbox.message"].EnumerateArray().Select(row => row.GetProperty("text").GetString()).ShouldContain("Is <b>Zermatt</b> far?");
        tables["inbox.visitor"].GetArrayLength().ShouldBe(1);
        Read(zip, "person.json").ShouldNotContain("Davos");
        Read(zip, "index.html").ShouldContain("Is &lt;b&gt;Zermatt&lt;/b&gt; far?");
        var file = zip.Entries.Where(entry => entry.FullName.StartsWith("files/", StringComparison.Ordinal)).ShouldHaveSingleItem();
        Read(zip, file.FullName).ShouldBe("A photograph");

        // Used up; and a made-up one answers the same.
        using var client = host.Client();
        var (again, madeUp) = (
            await client.PostAsync(link + "/file", null, _ct),
            await client.PostAsync("/privacy/exports/abc/file", null, _ct)
        );
        (again.StatusCode, madeUp.StatusCode).ShouldBe((HttpStatusCode.NotFound, HttpStatusCode.NotFound));
    }

    [Fact]
    public async Task Opening_the_link_uses_nothing_up_and_the_copy_is_sealed_at_rest()
    {
        var host = cluster.Host;
        var workspace = await host.OpenWorkspaceAsync();
        var owner = await host.JoinAsync(workspace, Access.Owner);
        using var visitor = await WidgetVisitor.ArriveAsync(host, workspace);
        var (id, link) = await BeginAsync(owner.Client, visitor.VisitorId);
        await host.WaitUntilAsync("select state = 'ready' from privacy.person_export where id = $1", id);
        using var client = host.Client();

        (await client.GetStringAsync(link, _ct)).ShouldContain("Download your data");
        // A zip begins with PK; a sealed one does not, and no row knows the link's token.
        (
            await host.AsOwnerAsync<bool>(
                "select bool_and(position('\\x504b0304'::bytea in bytes) = 0) from kernel.blob_chunk where workspace_id = $1",
                workspace.Id
            )
        ).ShouldBeTrue();
        (await host.AsOwnerAsync<bool>("select persons is null from privacy.person_export where id = $1", id)).ShouldBeTrue();
        (await FetchAsync(link)).AsSpan(0, 2).ToArray().ShouldBe("PK"u8.ToArray());
    }

    [Fact]
    public async Task Of_many_who_open_the_link_at_once_one_gets_the_copy()
    {
        var host = cluster.Host;
        var workspace = await host.OpenWorkspaceAsync();
        var owner = await host.JoinAsync(workspace, Access.Owner);
        using var visitor = await WidgetVisitor.ArriveAsync(host, workspace);
        var (id, link) = await BeginAsync(owner.Client, visitor.VisitorId);
        await host.WaitUntilAsync("select state = 'ready' from privacy.person_export where id = $1", id);
        using var client = host.Client();

        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => client.PostAsync(link + "/file", null, _ct)));

        answers.Count(answer => answer.StatusCode == HttpStatusCode.OK).ShouldBe(1);
        answers.Count(answer => answer.StatusCode == HttpStatusCode.NotFound).ShouldBe(7);
        const string Taken = "select count(*) from audit.entry where subject_id = $1 and action = 'export.taken'";
        (await host.AsOwnerAsync<long>(Taken, id)).ShouldBe(1);
    }

    private async Task WriteBlobAsync(Workspace workspace, Guid person, string text)
    {
        var blobs = cluster.Host.Services.GetRequiredService<BlobStore>();
        var id = await blobs.WriteAsync(workspace.Id, Actor.System, new MemoryStream(Encoding.UTF8.GetBytes(text)), 1_000, person, _ct);
        await cluster.Host.Door.RunAsync(workspace.Id, Actor.System, ctx => BlobStore.KeepAsync(ctx, id, _ct), _ct);
    }

    private async Task<(Guid Id, string Link)> BeginAsync(HttpClient client, Guid person)
    {
        using var begun = await client.PostAsJsonAsync("/api/privacy/exports", new { persons = new[] { person } }, _ct);
        begun.StatusCode.ShouldBe(HttpStatusCode.Accepted);
        var body = await begun.Content.ReadFromJsonAsync<JsonElement>(_ct);
        return (body.GetProperty("id").GetGuid(), body.GetProperty("link").GetString()!);
    }

    private async Task<byte[]> FetchAsync(string link)
    {
        using var client = cluster.Host.Client();
        using var file = await client.PostAsync(link + "/file", null, _ct);
        file.StatusCode.ShouldBe(HttpStatusCode.OK);
        return await file.Content.ReadAsByteArrayAsync(_ct);
    }

    private static string Read(ZipArchive zip, string name)
    {
        using var reader = new StreamReader(zip.GetEntry(name)!.Open());
        return reader.ReadToEnd();
    }
}
