using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Shouldly;
using Tenet.Inbox.Widget;
using Tenet.Tests.Support;
using Tenet.Tests.Support.ModelFakes;
using Xunit;

namespace Tenet.Tests.Inbox;

public sealed class WidgetConversationTests(TestCluster cluster)
{
    private static readonly FakeReply Slow = FakeReply.Text("You can ", "exchange ", "it.") with { Gap = TimeSpan.FromSeconds(1.5) };
    private readonly TestHost _host = cluster.Host;

    [Fact]
    public async Task A_question_is_answered_on_the_stream_and_stored_once()
    {
        using var visitor = await WidgetVisitor.ArriveAsync(_host, await _host.OpenWorkspaceAsync());
        var connected = new TaskCompletionSource();
        var listening = visitor.UntilAnsweredAsync(connected: connected.SetResult);
        await connected.Task;

        var accepted = await visitor.SayAsync("Can I exchange the tent?");
        var events = await listening;

        var turn = accepted.GetProperty("turnId").GetGuid();
        var streamed = string.Concat(events.Where(e => e.Name == "delta").Select(e => e.Text));
        var answer = events[^1].Data;
        answer.GetProperty("text").GetString().ShouldBe(streamed);
        answer.GetProperty("turnId").GetGuid().ShouldBe(turn);
        var stored = (await visitor.ConversationAsync()).GetProperty("messages");
        stored.GetArrayLength().ShouldBe(2);
        stored[0].GetProperty("from").GetString().ShouldBe("visitor");
        stored[1].GetProperty("id").GetGuid().ShouldBe(answer.GetProperty("id").GetGuid());
    }

    [Fact]
    public async Task A_message_sent_twice_is_stored_once_and_answered_once()
    {
        using var visitor = await WidgetVisitor.ArriveAsync(_host, await _host.OpenWorkspaceAsync());
        var clientId = Guid.CreateVersion7();

        var both = await Task.WhenAll(visitor.SayAsync("Once only", clientId), visitor.SayAsync("Once only", clientId));

        both[0].GetProperty("messageId").GetGuid().ShouldBe(both[1].GetProperty("messageId").GetGuid());
        await visitor.UntilAnsweredAsync();
        (await visitor.ConversationAsync()).GetProperty("messages").GetArrayLength().ShouldBe(2);
    }

    [Fact]
    public async Task A_reload_in_the_middle_of_an_answer_loses_nothing()
    {
        var workspace = await _host.OpenWorkspaceAsync();
        await using var model = await _host.UseModelAsync(workspace, Slow);
        using var visitor = await WidgetVisitor.ArriveAsync(_host, workspace);
        await visitor.SayAsync("Can I exchange the tent?");
        var before = await visitor.ListenAsync(e => e is { Name: "delta", Data: var d } && d.GetProperty("text").GetString()!.Length > 0);

        var after = await visitor.UntilAnsweredAsync(before.Last(e => e.Id is not null).Id);

        var text = "";
        foreach (var delta in after.Where(e => e.Name == "delta"))
        {
            text = text[..delta.Data.GetProperty("offset").GetInt32()] + delta.Text;
        }
        text.ShouldBe(after[^1].Text);
        after.Count(e => e.IsMessageFrom("visitor")).ShouldBe(0);
    }

    [Fact]
    public async Task Everything_missed_is_sent_after_a_break()
    {
        using var visitor = await WidgetVisitor.ArriveAsync(_host, await _host.OpenWorkspaceAsync());
        await visitor.SayAsync("First");
        var first = await visitor.UntilAnsweredAsync();
        await visitor.SayAsync("Second");

        var second = await visitor.ListenAsync(e => e.IsMessageFrom("assistant"), first[^1].Id);

        second.Where(e => e.Name == "message").Select(e => e.Data.GetProperty("seq").GetInt64()).ShouldBe([3, 4]);
    }

    [Fact]
    public async Task An_agent_takes_over_and_the_assistant_is_silent_until_it_is_handed_back()
    {
        var workspace = await _host.OpenWorkspaceAsync();
        using var visitor = await WidgetVisitor.ArriveAsync(_host, workspace);
        using var agent = await _host.SignInAsync(workspace, "agent");
        var conversation = (await visitor.SayAsync("Hello")).GetProperty("conversationId").GetGuid();
        await visitor.UntilAnsweredAsync();

        (await agent.PutAsJsonAsync($"/api/inbox/conversations/{conversation}/assignment", new { })).StatusCode.ShouldBe(
            HttpStatusCode.NoContent
        );
        var silent = await visitor.SayAsync("Is somebody there?");
        silent.GetProperty("turnId").ValueKind.ShouldBe(JsonValueKind.Null);
        (
            await agent.PostAsJsonAsync($"/api/inbox/conversations/{conversation}/messages", new { text = "Yes, me." })
        ).EnsureSuccessStatusCode();
        (await visitor.ConversationAsync()).GetProperty("mode").GetString().ShouldBe("member");

        (await agent.DeleteAsync($"/api/inbox/conversations/{conversation}/assignment")).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        (await visitor.SayAsync("And now?")).GetProperty("turnId").ValueKind.ShouldBe(JsonValueKind.String);
    }

    [Fact]
    public async Task A_take_over_in_the_middle_of_an_answer_ends_the_turn_without_one()
    {
        var workspace = await _host.OpenWorkspaceAsync();
        await using var model = await _host.UseModelAsync(workspace, Slow);
        using var visitor = await WidgetVisitor.ArriveAsync(_host, workspace);
        using var agent = await _host.SignInAsync(workspace, "agent");
        var conversation = (await visitor.SayAsync("Can I exchange the tent?")).GetProperty("conversationId").GetGuid();
        await visitor.ListenAsync(e => e.Name == "delta");

        (
            await agent.PostAsJsonAsync($"/api/inbox/conversations/{conversation}/messages", new { text = "I will help." })
        ).EnsureSuccessStatusCode();
        var reply = await visitor.ListenAsync(e => e.IsMessageFrom("member"));

        reply[^1].Data.GetProperty("author").GetString().ShouldNotBeNullOrEmpty();
        await Task.Delay(3500, TestContext.Current.CancellationToken);
        var messages = (await visitor.ConversationAsync()).GetProperty("messages").EnumerateArray().ToList();
        messages.ShouldNotContain(m => m.GetProperty("from").GetString() == "assistant");
        (
            await _host.AsOwnerAsync<long>(
                "select count(*) from kernel.job where workspace_id = $1 and kind = 'inbox.answer'",
                workspace.Id
            )
        ).ShouldBe(0);
    }

    [Fact]
    public async Task A_private_note_is_never_shown_to_the_visitor()
    {
        var workspace = await _host.OpenWorkspaceAsync();
        using var visitor = await WidgetVisitor.ArriveAsync(_host, workspace);
        using var agent = await _host.SignInAsync(workspace, "agent");
        var conversation = (await visitor.SayAsync("Hello")).GetProperty("conversationId").GetGuid();
        var answered = await visitor.UntilAnsweredAsync();

        (
            await agent.PostAsJsonAsync($"/api/inbox/conversations/{conversation}/messages", new { text = "a difficult one", note = true })
        ).EnsureSuccessStatusCode();
        await visitor.SayAsync("Next");
        var later = await visitor.UntilAnsweredAsync(answered[^1].Id);

        later.Where(e => e.Name == "message").Select(e => e.Text).ShouldNotContain("a difficult one");
        (await visitor.ConversationAsync()).GetRawText().ShouldNotContain("a difficult one");
        (await agent.GetStringAsync($"/api/inbox/conversations/{conversation}")).ShouldContain("a difficult one");
    }

    [Fact]
    public async Task Resolved_conversation_reopens_on_reply()
    {
        var workspace = await _host.OpenWorkspaceAsync();
        using var visitor = await WidgetVisitor.ArriveAsync(_host, workspace);
        using var agent = await _host.SignInAsync(workspace, "agent");
        var conversation = (await visitor.SayAsync("Hello")).GetProperty("conversationId").GetGuid();
        await visitor.UntilAnsweredAsync();
        (await agent.PutAsync($"/api/inbox/conversations/{conversation}/closure", null)).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        (await agent.PutAsync($"/api/inbox/conversations/{conversation}/closure", null)).StatusCode.ShouldBe(HttpStatusCode.Conflict);
        (await visitor.ConversationAsync()).GetProperty("state").GetString().ShouldBe("resolved");

        var again = await visitor.SayAsync("One more thing");

        again.GetProperty("conversationId").GetGuid().ShouldBe(conversation);
        (await visitor.ConversationAsync()).GetProperty("state").GetString().ShouldBe("pending");
    }

    [Fact]
    public async Task A_visitor_who_asks_for_a_person_gets_a_state_and_no_more_machine_answers()
    {
        var workspace = await _host.OpenWorkspaceAsync();
        using var visitor = await WidgetVisitor.ArriveAsync(_host, workspace, "de");
        (await visitor.Client.PostAsync("/api/widget/handoff", null)).StatusCode.ShouldBe(HttpStatusCode.Accepted);
        (await visitor.Client.PostAsync("/api/widget/handoff", null)).StatusCode.ShouldBe(HttpStatusCode.Accepted);

        (await visitor.SayAsync("Hallo?")).GetProperty("turnId").ValueKind.ShouldBe(JsonValueKind.Null);
        var conversation = await visitor.ConversationAsync();
        conversation.GetProperty("mode").GetString().ShouldBe("waiting");
        conversation.GetProperty("messages").EnumerateArray().Count(m => m.GetProperty("kind").GetString() == "event").ShouldBe(1);
    }

    [Fact]
    public async Task Starting_anew_leaves_the_old_conversation_to_the_team()
    {
        var workspace = await _host.OpenWorkspaceAsync();
        using var visitor = await WidgetVisitor.ArriveAsync(_host, workspace);
        var first = (await visitor.SayAsync("Hello")).GetProperty("conversationId").GetGuid();
        await visitor.UntilAnsweredAsync();

        (await visitor.Client.PostAsync("/api/widget/conversations", null)).StatusCode.ShouldBe(HttpStatusCode.Created);

        (await visitor.ConversationAsync()).ValueKind.ShouldBe(JsonValueKind.Null);
        (await visitor.SayAsync("Another matter")).GetProperty("conversationId").GetGuid().ShouldNotBe(first);
    }

    [Fact]
    public async Task Only_allowed_origins_may_embed_the_widget()
    {
        var workspace = await _host.OpenWorkspaceAsync();
        using var admin = await _host.SignInAsync(workspace, "admin");
        var key = await WidgetVisitor.WidgetKeyAsync(_host, workspace);
        using var client = _host.Client();
        client.DefaultRequestHeaders.Add("Origin", "https://shop.example");

        (await client.GetAsync($"/api/widget/{key}/config")).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        var settings = (await admin.GetFromJsonAsync<JsonElement>("/api/widget-settings"))
            .GetProperty("settings")
            .Deserialize<Dictionary<string, object?>>()!;
        settings["allowedOrigins"] = new[] { "https://shop.example/page" };
        (await admin.PutAsJsonAsync("/api/widget-settings", settings)).StatusCode.ShouldBe(HttpStatusCode.NoContent);

        var allowed = await client.GetAsync($"/api/widget/{key}/config");
        allowed.StatusCode.ShouldBe(HttpStatusCode.OK);
        allowed.Headers.GetValues("Access-Control-Allow-Origin").ShouldBe(["https://shop.example"]);
    }

    [Fact]
    public async Task A_signed_identity_finds_the_person_again_on_another_device()
    {
        var workspace = await _host.OpenWorkspaceAsync();
        using var admin = await _host.SignInAsync(workspace, "admin");
        var key = await WidgetVisitor.WidgetKeyAsync(_host, workspace);
        var secret = (await (await admin.PutAsync("/api/widget-settings/identity-secret", null)).Content.ReadFromJsonAsync<JsonElement>())
            .GetProperty("secret")
            .GetString()!;
        var now = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();
        using var client = _host.Client();

        Task<HttpResponseMessage> SessionAsync(string signature) =>
            client.PostAsJsonAsync(
                $"/api/widget/{key}/sessions",
                new
                {
                    identity = new
                    {
                        id = "c-7",
                        email = "mira@example.org",
                        name = "Mira",
                        issuedAt = now,
                        signature,
                    },
                }
            );
        var right = SignedIdentity.Sign(secret, "c-7", "mira@example.org", "Mira", now);
        var first = await (await SessionAsync(right)).Content.ReadFromJsonAsync<JsonElement>();
        var second = await (await SessionAsync(right)).Content.ReadFromJsonAsync<JsonElement>();

        second.GetProperty("visitorId").GetGuid().ShouldBe(first.GetProperty("visitorId").GetGuid());
        var forged = await SessionAsync(right[..^1] + (right[^1] == '0' ? '1' : '0'));
        forged.StatusCode.ShouldBe(HttpStatusCode.UnprocessableEntity);
        (await forged.Content.ReadAsStringAsync()).ShouldContain("identity.signature");
    }

    [Fact]
    public async Task A_visitor_rates_answers_of_their_own_conversation_only()
    {
        var workspace = await _host.OpenWorkspaceAsync();
        using var visitor = await WidgetVisitor.ArriveAsync(_host, workspace);
        using var other = await WidgetVisitor.ArriveAsync(_host, workspace);
        await visitor.SayAsync("Where do you ship to?");
        var answer = (await visitor.UntilAnsweredAsync())[^1].Data.GetProperty("id").GetGuid();

        using var foreign = await other.Client.PutAsJsonAsync($"/api/widget/messages/{answer}/feedback", new { helpful = false });
        using var own = await visitor.Client.PutAsJsonAsync($"/api/widget/messages/{answer}/feedback", new { helpful = true });

        (foreign.StatusCode, own.StatusCode).ShouldBe((HttpStatusCode.NotFound, HttpStatusCode.NoContent));
    }

    [Fact]
    public async Task A_token_that_was_changed_is_refused()
    {
        using var visitor = await WidgetVisitor.ArriveAsync(_host, await _host.OpenWorkspaceAsync());
        using var client = _host.Client();
        client.DefaultRequestHeaders.Authorization = new(
            "Bearer",
            visitor.Token[..20] + (visitor.Token[20] == 'A' ? 'B' : 'A') + visitor.Token[21..]
        );

        (await client.GetAsync("/api/widget/conversation")).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
    }
}
