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

public sealed class ReviewTests(TestCluster cluster)
{
    private const string Outcome = "Swaps are free for 30 days, not 14: we have corrected the page.";

    private readonly TestHost _host = cluster.Host;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_review_points_to_its_answer_and_what_came_of_it_stands_there()
    {
        var workspace = await _host.OpenWorkspaceAsync();
        var owner = await _host.JoinAsync(workspace, Access.Owner);
        using var visitor = await WidgetVisitor.ArriveAsync(_host, workspace);
        await visitor.SayAsync("Can I exchange my jacket?");
        var answer = (await visitor.UntilAnsweredAsync()).Last(item => item.IsMessageFrom("assistant")).Data;
        var conversation = (await visitor.ConversationAsync()).GetProperty("id").GetGuid();

        var (status, id) = await AskAsync(visitor, "human_review", answer.GetProperty("id").GetGuid());

        status.ShouldBe(HttpStatusCode.Accepted);
        var detail = await owner.Client.GetFromJsonAsync<JsonElement>($"/api/privacy/requests/{id}", Ct);
        var disputed = detail.GetProperty("disputed");
        disputed.GetProperty("question").GetString().ShouldBe("Can I exchange my jacket?");
        disputed.GetProperty("text").GetString().ShouldBe(answer.GetProperty("text").GetString());
        disputed.GetProperty("page").GetString()!.ShouldStartWith($"/inbox/{conversation}");
        (await ReviewAsync(owner, conversation)).GetProperty("closedAt").ValueKind.ShouldBe(JsonValueKind.Null);

        using var done = await owner.Client.PostAsJsonAsync($"/api/privacy/requests/{id}/fulfilment", new { answer = Outcome }, Ct);
        done.StatusCode.ShouldBe(HttpStatusCode.OK);

        var review = await ReviewAsync(owner, conversation);
        (review.GetProperty("requestId").GetGuid(), review.GetProperty("outcome").GetString()).ShouldBe((id, Outcome));
    }

    [Fact]
    public async Task Nobody_disputes_an_answer_that_was_not_given_to_them()
    {
        var workspace = await _host.OpenWorkspaceAsync();
        using var visitor = await WidgetVisitor.ArriveAsync(_host, workspace);
        await visitor.SayAsync("Can I exchange my jacket?");
        var answer = (await visitor.UntilAnsweredAsync()).Last(item => item.IsMessageFrom("assistant")).Data.GetProperty("id").GetGuid();
        using var other = await WidgetVisitor.ArriveAsync(_host, workspace);

        (await AskAsync(other, "human_review", answer)).Status.ShouldBe(HttpStatusCode.UnprocessableEntity);
        (await AskAsync(visitor, "human_review", Guid.CreateVersion7())).Status.ShouldBe(HttpStatusCode.UnprocessableEntity);
        (await AskAsync(visitor, "access", answer)).Status.ShouldBe(HttpStatusCode.UnprocessableEntity);
        using var stranger = _host.Client();
        using var said = await stranger.PostAsJsonAsync(
            "/api/gdpr/request",
            new
            {
                workspace = workspace.Slug,
                kind = "human_review",
                email = "somebody@example.org",
                answer,
            },
            Ct
        );
        said.StatusCode.ShouldBe(HttpStatusCode.UnprocessableEntity);
    }

    [Fact]
    public async Task Who_rates_an_answer_can_leave_an_address_and_a_person_looks_at_it_once()
    {
        var workspace = await _host.OpenWorkspaceAsync();
        var owner = await _host.JoinAsync(workspace, Access.Owner);
        using var visitor = await WidgetVisitor.ArriveAsync(_host, workspace);
        await visitor.SayAsync("Can I exchange my jacket?");
        var answer = (await visitor.UntilAnsweredAsync()).Last(item => item.IsMessageFrom("assistant")).Data.GetProperty("id").GetGuid();

        (await RateAsync(visitor, answer, "")).ShouldBe(HttpStatusCode.NoContent);
        (await RequestsAsync(owner)).ShouldBeEmpty();
        (await RateAsync(visitor, answer, "no address")).ShouldBe(HttpStatusCode.UnprocessableEntity);
        (await RateAsync(visitor, answer, "jo@example.org")).ShouldBe(HttpStatusCode.NoContent);
        (await RateAsync(visitor, answer, "jo@example.org")).ShouldBe(HttpStatusCode.NoContent);

        var request = (await RequestsAsync(owner)).ShouldHaveSingleItem();
        (request.GetProperty("kind").GetString(), request.GetProperty("state").GetString()).ShouldBe(("humanReview", "verified"));
        var detail = await owner.Client.GetFromJsonAsync<JsonElement>($"/api/privacy/requests/{request.GetProperty("id").GetGuid()}", Ct);
        detail.GetProperty("details").GetString().ShouldBe("It is about trousers.");
        detail.GetProperty("disputed").GetProperty("question").GetString().ShouldBe("Can I exchange my jacket?");
        using var other = await WidgetVisitor.ArriveAsync(_host, workspace);
        (await RateAsync(other, answer, "jo@example.org")).ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task A_chat_asks_for_so_much_a_day_whatever_the_addresses()
    {
        var workspace = await _host.OpenWorkspaceAsync();
        using var visitor = await WidgetVisitor.ArriveAsync(_host, workspace);
        await visitor.SayAsync("Can I exchange my jacket?");
        var answer = (await visitor.UntilAnsweredAsync()).Last(item => item.IsMessageFrom("assistant")).Data.GetProperty("id").GetGuid();
        for (var n = 0; n < 5; n++)
        {
            (await AskAsync(visitor, "access", null)).Status.ShouldBe(HttpStatusCode.Accepted);
        }

        (await RateAsync(visitor, answer, "jo@example.org")).ShouldBe(HttpStatusCode.TooManyRequests);
        (await RateAsync(visitor, answer, "")).ShouldBe(HttpStatusCode.NoContent);
    }

    private static async Task<HttpStatusCode> RateAsync(WidgetVisitor visitor, Guid answer, string email)
    {
        using var rated = await visitor.Client.PutAsJsonAsync(
            $"/api/widget/messages/{answer}/feedback",
            new
            {
                helpful = false,
                comment = "It is about trousers.",
                email,
            },
            Ct
        );
        return rated.StatusCode;
    }

    private static async Task<JsonElement[]> RequestsAsync(TestMember owner)
    {
        var page = await owner.Client.GetFromJsonAsync<JsonElement>("/api/privacy/requests?list=open", Ct);
        return [.. page.GetProperty("items").EnumerateArray()];
    }

    private static async Task<(HttpStatusCode Status, Guid Id)> AskAsync(WidgetVisitor visitor, string kind, Guid? answer)
    {
        using var asked = await visitor.Client.PostAsJsonAsync(
            "/api/gdpr/request",
            new
            {
                kind,
                email = $"{Guid.CreateVersion7():N}@example.org",
                answer,
            },
            Ct
        );
        var body = await asked.Content.ReadFromJsonAsync<JsonElement>(Ct);
        return (asked.StatusCode, body.TryGetProperty("id", out var id) ? id.GetGuid() : Guid.Empty);
    }

    private static async Task<JsonElement> ReviewAsync(TestMember owner, Guid conversation)
    {
        var detail = await owner.Client.GetFromJsonAsync<JsonElement>($"/api/inbox/conversations/{conversation}", Ct);
        return detail
            .GetProperty("messages")
            .EnumerateArray()
            .Single(message => message.GetProperty("author").GetString() == "assistant")
            .GetProperty("reviews")[0];
    }
}
