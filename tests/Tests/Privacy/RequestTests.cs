using System.IO.Compression;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Shouldly;
using Tenet.Kernel.Http;
using Tenet.Kernel.Workspaces;
using Tenet.Tests.Inbox;
using Tenet.Tests.Support;
using Xunit;

namespace Tenet.Tests.Privacy;

public sealed class RequestTests(TestCluster cluster)
{
    private readonly CancellationToken _ct = TestContext.Current.CancellationToken;
    private readonly string _email = $"{Guid.NewGuid():N}@example.org";

    [Fact]
    public async Task Who_asks_by_api_and_opens_the_letter_downloads_their_data()
    {
        var host = cluster.Host;
        var workspace = await host.OpenWorkspaceAsync();
        var owner = await host.JoinAsync(workspace, Access.Owner);
        await KnowAsync(workspace, _email, "Is Zermatt far?");
        await KnowAsync(workspace, "somebody.else@example.org", "Is Davos far?");

        var receipt = await AskAsync("/api/gdpr/request", workspace, "access");
        var letter = await host.NextLinkAsync(_email, _ct);
        await ConfirmAsync(letter);
        var request = await owner.Client.GetFromJsonAsync<JsonElement>($"/api/privacy/requests/{receipt}", _ct);
        (Of(request, "state"), Of(request, "identity")).ShouldBe(("verified", "link"));

        await StepAsync(owner.Client, receipt, "fulfilment", new { });
        var copy = await NewestAsync("/privacy/exports/");
        await host.WaitUntilAsync("select state = 'ready' from privacy.person_export where workspace_id = $1", workspace.Id);
        using var client = host.Client();
        using var file = await client.PostAsync(copy.AbsolutePath + "/file", null, _ct);
        file.StatusCode.ShouldBe(HttpStatusCode.OK);
        using var zip = new ZipArchive(new MemoryStream(await file.Content.ReadAsByteArrayAsync(_ct)));
        var text = await new StreamReader(zip.GetEntry("person.json")!.Open()).ReadToEndAsync(_ct);
        text.ShouldContain("Is Zermatt far?");
        text.ShouldNotContain("Davos");
        // The link is used up.
        (await client.PostAsync(copy.AbsolutePath + "/file", null, _ct)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    private static string Of(JsonElement detail, string field) => detail.GetProperty("request").GetProperty(field).GetString()!;

    private async Task KnowAsync(Workspace workspace, string email, string text)
    {
        using var visitor = await WidgetVisitor.ArriveAsync(cluster.Host, workspace);
        await visitor.SayAsync(text);
        await cluster.Host.Door.RunAsync(
            workspace.Id,
            Actor.System,
            ctx => ctx.ExecuteAsync($"update inbox.visitor set email = {email} where id = {visitor.VisitorId}", _ct),
            _ct
        );
    }

    private async Task<Guid> AskAsync(string path, Workspace workspace, string kind)
    {
        using var client = cluster.Host.Client();
        using var answer = await client.PostAsJsonAsync(
            path,
            new
            {
                workspace = workspace.Slug,
                kind,
                email = _email,
            },
            _ct
        );
        answer.StatusCode.ShouldBe(HttpStatusCode.Accepted);
        return (await answer.Content.ReadFromJsonAsync<JsonElement>(_ct)).GetProperty("id").GetGuid();
    }

    private async Task<string> ConfirmAsync(Uri letter)
    {
        using var client = cluster.Host.Client();
        (await client.GetStringAsync(letter.AbsolutePath, _ct)).ShouldContain("Yes, this request is mine");
        using var answer = await client.PostAsync(letter.AbsolutePath + "/confirmation", null, _ct);
        answer.StatusCode.ShouldBe(HttpStatusCode.Redirect);
        return answer.Headers.Location!.ToString();
    }

    private async Task StepAsync(HttpClient client, Guid request, string step, object body)
    {
        using var answer = await client.PostAsJsonAsync($"/api/privacy/requests/{request}/{step}", body, _ct);
        answer.StatusCode.ShouldBe(HttpStatusCode.OK, await answer.Content.ReadAsStringAsync(_ct));
    }

    private async Task<Uri> NewestAsync(string path)
    {
        while (true)
        {
            if (
                (await cluster.Host.LinksAsync(_email, _ct)).FirstOrDefault(link =>
                    link.AbsolutePath.StartsWith(path, StringComparison.Ordinal)
                ) is
                { } link
            )
            {
                return link;
            }
            await Task.Delay(20, _ct);
        }
    }
}
