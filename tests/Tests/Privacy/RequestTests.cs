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

    [Fact]
    public async Task A_forged_a_replayed_and_an_old_link_confirm_nothing()
    {
        var host = cluster.Host;
        var workspace = await host.OpenWorkspaceAsync();
        var id = await AskAsync("/api/privacy/export", workspace, "access");
        var letter = await host.NextLinkAsync(_email, _ct);
        using var client = host.Client();
        // One byte of the secret changed; another workspace's id before the same secret; no token at all.
        var token = letter.AbsolutePath.Split('/')[^1];
        var bytes = System.Buffers.Text.Base64Url.DecodeFromChars(token);
        bytes[^1] ^= 1;
        foreach (var forged in new[] { System.Buffers.Text.Base64Url.EncodeToString(bytes), "abc", new string('A', 64) })
        {
            using var refused = await client.PostAsync($"/privacy/requests/{forged}/confirmation", null, _ct);
            refused.Headers.Location!.ToString().ShouldBe("/privacy/requests/used");
        }
        (await StateAsync(id)).ShouldBe("verifying");

        var status = await ConfirmAsync(letter);
        (await StateAsync(id)).ShouldBe("verified");
        using var replayed = await client.PostAsync(letter.AbsolutePath + "/confirmation", null, _ct);
        replayed.Headers.Location!.ToString().ShouldBe("/privacy/requests/used");
        (await client.GetStringAsync(letter.AbsolutePath, _ct)).ShouldContain("used already");
        (await client.GetStringAsync(status, _ct)).ShouldContain("confirmed");
        (
            await host.AsOwnerAsync<long>("select count(*) from privacy.request_event where request_id = $1 and step = 'verified'", id)
        ).ShouldBe(1);
    }

    [Fact]
    public async Task Known_and_unknown_addresses_are_answered_alike_and_too_many_are_refused_alike()
    {
        var host = cluster.Host;
        var workspace = await host.OpenWorkspaceAsync();
        await KnowAsync(workspace, _email, "Hello");
        using var client = host.Client();
        async Task<(HttpStatusCode Status, string Next)> SendAsync(string email)
        {
            using var answer = await client.PostAsJsonAsync("/api/privacy/delete", new { workspace = workspace.Slug, email }, _ct);
            var body = await answer.Content.ReadFromJsonAsync<JsonElement>(_ct);
            return (
                answer.StatusCode,
                body.TryGetProperty("next", out var next) ? next.GetString()! : body.GetProperty("title").GetString()!
            );
        }
        for (var n = 0; n < 7; n++)
        {
            (await SendAsync(_email)).ShouldBe(await SendAsync("unknown-" + _email));
        }
        (await SendAsync(_email)).Status.ShouldBe(HttpStatusCode.TooManyRequests);
        // As many letters to one as to the other: as many as were taken.
        (await host.AsOwnerAsync<long>("select count(*) from privacy.request where workspace_id = $1", workspace.Id)).ShouldBe(10);
    }

    [Fact]
    public async Task Who_chats_gets_their_own_rows_whatever_address_they_name()
    {
        var host = cluster.Host;
        var workspace = await host.OpenWorkspaceAsync();
        var owner = await host.JoinAsync(workspace, Access.Owner);
        await KnowAsync(workspace, _email, "A secret of the victim");
        using var visitor = await WidgetVisitor.ArriveAsync(host, workspace);
        await visitor.SayAsync("What the attacker said");
        using var asked = await visitor.Client.PostAsJsonAsync("/api/gdpr/request", new { kind = "access", email = _email }, _ct);
        var id = (await asked.Content.ReadFromJsonAsync<JsonElement>(_ct)).GetProperty("id").GetGuid();
        (await StateAsync(id)).ShouldBe("verified");

        await StepAsync(owner.Client, id, "fulfilment", new { });

        var persons = await host.AsOwnerAsync<Guid[]>("select persons from privacy.person_export where workspace_id = $1", workspace.Id);
        (persons ?? [visitor.VisitorId]).ShouldBe([visitor.VisitorId]);
    }

    [Fact]
    public async Task Two_erasures_of_a_person_at_once_are_one_and_both_requests_end_with_it()
    {
        var host = cluster.Host;
        var workspace = await host.OpenWorkspaceAsync();
        var owner = await host.JoinAsync(workspace, Access.Owner);
        await KnowAsync(workspace, _email, "Forget me");
        var first = await AskAsync("/api/privacy/delete", workspace, "erasure");
        await ConfirmAsync(await host.NextLinkAsync(_email, _ct));
        var second = await AskAsync("/api/privacy/ccpa/request", workspace, "delete");
        await StepAsync(owner.Client, second, "verification", new { reason = "Known from a call back to the number on file" });

        await Task.WhenAll(StepAsync(owner.Client, first, "fulfilment", new { }), StepAsync(owner.Client, second, "fulfilment", new { }));

        await host.WaitUntilAsync(
            "select count(*) = 2 from privacy.request where workspace_id = $1 and state = 'done' and email is null and details is null",
            workspace.Id
        );
        (await host.AsOwnerAsync<long>("select count(*) from privacy.erasure where workspace_id = $1", workspace.Id)).ShouldBe(1);
        (await host.AsOwnerAsync<long>("select count(*) from inbox.visitor where workspace_id = $1", workspace.Id)).ShouldBe(0);
        // The last letter went to the address that was forgotten with it.
        await Eventually.HoldsAsync(
            async () => (await LettersAsync()).Contains("is deleted", StringComparison.Ordinal),
            "the last letter came",
            _ct
        );
    }

    [Fact]
    public async Task Steps_that_do_not_follow_are_refused()
    {
        var host = cluster.Host;
        var workspace = await host.OpenWorkspaceAsync();
        var owner = await host.JoinAsync(workspace, Access.Owner);
        var id = await AskAsync("/api/gdpr/request", workspace, "restriction");

        (await TryAsync(owner.Client, id, "fulfilment", new { answer = "Done so." })).ShouldBe(HttpStatusCode.Conflict);
        (await TryAsync(owner.Client, id, "denial", new { ground = "other" })).ShouldBe(HttpStatusCode.UnprocessableEntity);
        await StepAsync(owner.Client, id, "extension", new { reason = "There is a lot to look through." });
        (await TryAsync(owner.Client, id, "extension", new { reason = "There is even more to see." })).ShouldBe(HttpStatusCode.Conflict);
        await StepAsync(owner.Client, id, "denial", new { ground = "noMatch" });
        (await TryAsync(owner.Client, id, "denial", new { ground = "noMatch" })).ShouldBe(HttpStatusCode.Conflict);
        (await TryAsync(owner.Client, id, "question", new { question = "Are you still there?" })).ShouldBe(HttpStatusCode.Conflict);
        (await LettersAsync()).ShouldContain("hold nothing under this address");
    }

    [Fact]
    public async Task A_restricted_person_is_seen_by_nothing_but_the_work_on_rights_until_it_is_lifted()
    {
        var host = cluster.Host;
        var workspace = await host.OpenWorkspaceAsync();
        var owner = await host.JoinAsync(workspace, Access.Owner);
        using var visitor = await WidgetVisitor.ArriveAsync(host, workspace);
        await visitor.SayAsync("Is Zermatt far?");
        using var asked = await visitor.Client.PostAsJsonAsync("/api/gdpr/request", new { kind = "restriction", email = _email }, _ct);
        var id = (await asked.Content.ReadFromJsonAsync<JsonElement>(_ct)).GetProperty("id").GetGuid();

        await StepAsync(owner.Client, id, "fulfilment", new { answer = "Nothing of yours is used from now on." });

        async Task<long> SeenAsync() =>
            await host.Door.RunAsync(
                workspace.Id,
                Actor.System,
                ctx =>
                    ctx.ScalarAsync<long>($"select (select count(*) from inbox.conversation) + (select count(*) from inbox.visitor)", _ct),
                _ct
            );
        (await SeenAsync()).ShouldBe(0);
        using (
            var more = await visitor.Client.PostAsJsonAsync(
                "/api/widget/messages",
                new { clientId = Guid.CreateVersion7(), text = "And now?" },
                _ct
            )
        )
        {
            more.StatusCode.ShouldBe(HttpStatusCode.Conflict);
            (await more.Content.ReadAsStringAsync(_ct)).ShouldContain("kept and not used");
        }
        (await host.AsOwnerAsync<long>("select count(*) from inbox.visitor where workspace_id = $1", workspace.Id)).ShouldBe(1);
        // A copy is theirs all the same.
        using var found = await owner.Client.PostAsJsonAsync(
            "/api/privacy/subjects/searches",
            new { value = visitor.VisitorId.ToString() },
            _ct
        );
        (await found.Content.ReadAsStringAsync(_ct)).ShouldContain("inbox.message");

        (await owner.Client.DeleteAsync($"/api/privacy/restrictions/{visitor.VisitorId}", _ct)).StatusCode.ShouldBe(
            HttpStatusCode.NoContent
        );
        (await SeenAsync()).ShouldBe(2);
    }

    [Fact]
    public async Task Who_objects_to_the_assistant_is_answered_by_people_only()
    {
        var host = cluster.Host;
        var workspace = await host.OpenWorkspaceAsync();
        var owner = await host.JoinAsync(workspace, Access.Owner);
        using var visitor = await WidgetVisitor.ArriveAsync(host, workspace);
        using var asked = await visitor.Client.PostAsJsonAsync("/api/gdpr/request", new { kind = "objection", email = _email }, _ct);
        var id = (await asked.Content.ReadFromJsonAsync<JsonElement>(_ct)).GetProperty("id").GetGuid();
        await StepAsync(owner.Client, id, "fulfilment", new { answer = "A person answers you from now on." });

        var said = await visitor.SayAsync("Is Zermatt far?");

        said.GetProperty("turnId").ValueKind.ShouldBe(JsonValueKind.Null);
        (
            await host.AsOwnerAsync<string>("select mode || ' ' || state from inbox.conversation where visitor_id = $1", visitor.VisitorId)
        ).ShouldBe("waiting open");
    }

    [Fact]
    public async Task A_field_is_corrected_with_its_history_and_only_on_rows_of_the_person()
    {
        var host = cluster.Host;
        var workspace = await host.OpenWorkspaceAsync();
        var owner = await host.JoinAsync(workspace, Access.Owner);
        await KnowAsync(workspace, _email, "My name is spelt wrong");
        using var other = await WidgetVisitor.ArriveAsync(host, workspace);
        using var client = host.Client();
        using var asked = await client.PostAsJsonAsync(
            "/api/gdpr/request",
            new
            {
                workspace = workspace.Slug,
                kind = "rectification",
                email = _email,
                details = "I am Zoë.",
            },
            _ct
        );
        var id = (await asked.Content.ReadFromJsonAsync<JsonElement>(_ct)).GetProperty("id").GetGuid();
        await ConfirmAsync(await host.NextLinkAsync(_email, _ct));
        var fields = await owner.Client.GetFromJsonAsync<JsonElement>($"/api/privacy/requests/{id}/fields", _ct);
        var name = fields.EnumerateArray().Single(field => field.GetProperty("column").GetString() == "name");
        var row = name.GetProperty("row").GetGuid();
        object To(Guid which, string column) =>
            new
            {
                table = "inbox.visitor",
                row = which,
                column,
                value = "Zoë",
            };

        (await TryAsync(owner.Client, id, "corrections", To(other.VisitorId, "name"))).ShouldBe(HttpStatusCode.NotFound);
        (await TryAsync(owner.Client, id, "corrections", To(row, "id"))).ShouldBe(HttpStatusCode.UnprocessableEntity);
        (await TryAsync(owner.Client, id, "corrections", To(row, "name; drop table x"))).ShouldBe(HttpStatusCode.UnprocessableEntity);
        await StepAsync(owner.Client, id, "corrections", To(row, "name"));
        await StepAsync(owner.Client, id, "fulfilment", new { answer = "Your name is right now." });

        (await host.AsOwnerAsync<string>("select name from inbox.visitor where id = $1", row)).ShouldBe("Zoë");
        (
            await host.AsOwnerAsync<bool>(
                "select before_text is null and after_text = 'Zoë' and by_id = $2 from privacy.rectification where row_id = $1",
                row,
                owner.Member.Id
            )
        ).ShouldBeTrue();
    }

    [Fact]
    public async Task A_person_with_a_hundred_thousand_rows_gets_their_copy()
    {
        var host = cluster.Host;
        var workspace = await host.OpenWorkspaceAsync();
        var owner = await host.JoinAsync(workspace, Access.Owner);
        await KnowAsync(workspace, _email, "The first of many");
        await host.AsOwnerAsync<int>(
            """
            insert into inbox.message (workspace_id, conversation_id, seq, id, author, kind, text, at)
            select c.workspace_id, c.id, 1000 + n, gen_random_uuid(), 'visitor', 'text', 'message ' || n, now()
              from inbox.conversation c, generate_series(1, 100000) n where c.workspace_id = $1
            """,
            workspace.Id
        );
        var id = await AskAsync("/api/privacy/export", workspace, "access");
        await ConfirmAsync(await host.NextLinkAsync(_email, _ct));
        await StepAsync(owner.Client, id, "fulfilment", new { });
        var copy = await NewestAsync("/privacy/exports/");
        await Eventually.HoldsAsync(
            () => host.AsOwnerAsync<bool>("select state = 'ready' from privacy.person_export where workspace_id = $1", workspace.Id),
            "the copy is made",
            _ct
        );
        using var client = host.Client();
        using var file = await client.PostAsync(copy.AbsolutePath + "/file", null, _ct);
        using var zip = new ZipArchive(new MemoryStream(await file.Content.ReadAsByteArrayAsync(_ct)));
        using var json = await JsonDocument.ParseAsync(zip.GetEntry("person.json")!.Open(), default, _ct);
        json.RootElement.GetProperty("tables")
            .EnumerateArray()
            .Single(table => table.GetProperty("table").GetString() == "inbox.message")
            .GetProperty("rows")
            .GetArrayLength()
            .ShouldBeGreaterThan(100_000);
    }

    private Task<string?> StateAsync(Guid request) =>
        cluster.Host.AsOwnerAsync<string>("select state from privacy.request where id = $1", request);

    /// <summary>The letters to the person, as the development mailbox shows them.</summary>
    private async Task<string> LettersAsync()
    {
        using var client = cluster.Host.Client();
        var page = await client.GetStringAsync("/dev/mail", _ct);
        return string.Concat(page.Split("<article").Where(letter => letter.Contains(_email, StringComparison.Ordinal)));
    }

    private async Task<HttpStatusCode> TryAsync(HttpClient client, Guid request, string step, object body)
    {
        using var answer = await client.PostAsJsonAsync($"/api/privacy/requests/{request}/{step}", body, _ct);
        return answer.StatusCode;
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
