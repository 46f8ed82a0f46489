using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Tenet.Assistant;
using Tenet.Inbox.Answers;
using Tenet.Kernel.Http;
using Tenet.Kernel.Http.Limits;
using Tenet.Kernel.Policies;
using Tenet.Kernel.Subjects;
using Tenet.Kernel.Workspaces;

namespace Tenet.Inbox.Widget;

/// <param name="OfAge">The visitor said that they are as old as the chat asks.</param>
internal sealed record NewSession(string? VisitorToken, string? Language, SignedIdentity? Identity, PageView? Page, bool OfAge = false);

internal sealed record SessionView(Guid VisitorId, string Token, ConversationView? Conversation);

internal sealed record NewMessage(Guid ClientId, string Text, PageView? Page);

/// <param name="Email">Asks that a person looks at the answer, and says where the outcome goes. Left out: the rating is all.</param>
internal sealed record Feedback(bool Helpful, string? Comment, string? Email = null);

internal sealed record OfflineMessage(string? Name, string Email, string Text);

/// <summary>What the chat on a customer's website calls. Everything is the visitor's own; nothing is found by guessing.</summary>
internal static class WidgetEndpoints
{
    private const int MaxText = 4_000;

    public static void MapWidget(this IEndpointRouteBuilder app)
    {
        // 1. the key names the workspace, whose limit counts; 2. the origin must be allowed; 3. nobody is signed in yet.
        var open = app.MapGroup("/api/widget/{key}")
            .AllowAnonymous()
            .LimitedBy(RateGroup.Widget, WorkspaceOf)
            .AddEndpointFilter(WidgetOrigin.CheckAsync)
            .WithTags("Widget");
        open.MapGet("/config", ConfigAsync);
        open.MapPost("/sessions", OpenSessionAsync);

        // 1. the visitor's token; 2. the origin must be allowed, of a repeated request, too; 3. one transaction for those that take a context.
        var own = app.MapGroup("/api/widget")
            .AddEndpointFilter(WidgetOrigin.CheckAsync)
            .InWorkspace(Access.Visitor)
            .LimitedBy(RateGroup.Widget)
            .WithTags("Widget");
        own.RequireAuthorization(new AuthorizeAttribute(Access.Visitor) { AuthenticationSchemes = VisitorAuthentication.SchemeName });
        own.MapGet("/conversation", CurrentAsync);
        own.MapGet("/events", (HttpContext http, WidgetEvents events) => events.StreamAsync(http, LanguageOf(http)))
            .DisableRequestTimeout();
        own.MapPost("/messages", ReceiveAsync).AddEndpointFilter(AgeGate.CheckAsync).RunsAgain("the message's own clientId stores it once");
        own.MapPost("/handoff", HandoffAsync).AddEndpointFilter(AgeGate.CheckAsync);
        own.MapPost("/offline", OfflineAsync).AddEndpointFilter(AgeGate.CheckAsync);
        own.MapPost("/conversations", StartAnewAsync);
        own.MapPut("/messages/{id:guid}/feedback", FeedbackAsync);
    }

    private static async Task<Ok<WidgetConfig>> ConfigAsync(
        HttpContext http,
        WorkspaceScope door,
        PolicySettings policy,
        CancellationToken ct
    )
    {
        var widget = http.Widget();
        var (online, days, slug) = await door.RunAsync(
            widget.WorkspaceId,
            Actor.System,
            async ctx =>
                (
                    await TeamPresence.AnyAsync(ctx, ct),
                    await ConversationAge.DaysAsync(ctx, policy, ct),
                    await ctx.ScalarAsync<string>($"select slug from kernel.workspace", ct)
                ),
            ct
        );
        var s = widget.Settings;
        return TypedResults.Ok(
            new WidgetConfig(
                s.Name,
                s.Color,
                s.Position,
                s.Greeting,
                s.Language,
                s.Theme,
                online,
                days,
                s.PrivacyUrl ?? $"/trust/{slug}/privacy",
                s.QuickQuestions,
                await AgeGate.RequiredAsync(widget, policy, ct) is { } age ? AgeTexts.All(age) : null
            )
        );
    }

    private static async Task<Ok<SessionView>> OpenSessionAsync(
        HttpContext http,
        NewSession body,
        VisitorTokens tokens,
        PolicySettings policy,
        WorkspaceScope door,
        ConversationFeed feed,
        RefusedIdentifiers refused,
        TimeProvider time,
        CancellationToken ct
    )
    {
        var widget = http.Widget();
        body.Identity?.Verify(
            widget.IdentitySecret,
            await policy.LifetimeAsync(widget.WorkspaceId, VisitorClocks.Identity, ct),
            time.GetUtcNow()
        );
        var expiresAt = time.GetUtcNow() + await policy.LifetimeAsync(widget.WorkspaceId, VisitorClocks.Token, ct);
        // A token of another workspace, or one that has expired, is no error: the visitor is new.
        Guid? known = tokens.Read(body.VisitorToken ?? "") is { } token && token.WorkspaceId == widget.WorkspaceId ? token.VisitorId : null;
        var language = Language(body.Language, widget.Settings.Language);
        var age = new AgeAnswer(await AgeGate.RequiredAsync(widget, policy, ct), body.OfAge);
        var (visitor, current) = await door.RunAsync(
            widget.WorkspaceId,
            Actor.System,
            async ctx =>
            {
                if (await refused.AnyAsync(ctx, [known?.ToString(), body.Identity?.Id, body.Identity?.Email], ct))
                {
                    throw new RuleException("visitor", AgeTexts.Of(language).Refused);
                }
                await AgeGate.BeginAsync(ctx, widget, age, ct);
                var id = await OpenSession.RunAsync(ctx, known, body.Identity, language, expiresAt, age, ct);
                return (id, await ReadConversation.CurrentAsync(ctx, id, language, null, ct));
            },
            ct
        );
        return TypedResults.Ok(
            new SessionView(visitor, tokens.Issue(widget.WorkspaceId, visitor, expiresAt), View(feed, widget.WorkspaceId, visitor, current))
        );
    }

    private static async Task<Results<Ok<ConversationView>, ContentHttpResult>> CurrentAsync(
        HttpContext http,
        WorkspaceContext ctx,
        ConversationFeed feed,
        CancellationToken ct
    )
    {
        var visitor = ctx.Actor.Id!.Value;
        var current = await ReadConversation.CurrentAsync(ctx, visitor, LanguageOf(http), null, ct);
        return View(feed, ctx.WorkspaceId, visitor, current) is { } view
            ? TypedResults.Ok(view)
            : TypedResults.Text("null", "application/json");
    }

    private static async Task<Accepted<AcceptedMessage>> ReceiveAsync(
        HttpContext http,
        NewMessage body,
        ReceiveMessage receive,
        VisitorLimits limits,
        CancellationToken ct
    )
    {
        var (workspaceId, actor) = http.Caller();
        var validation = new Validation();
        var text = validation.Text("text", body.Text, MaxText);
        validation.Check(body.ClientId != Guid.Empty, "clientId", "A UUID of the message's own, please: sent twice, it is stored once.");
        var (url, title) = Page(validation, body.Page);
        validation.Throw();
        await limits.TakeAsync(workspaceId, actor.Id!.Value, ct);
        var accepted = await receive.RunAsync(workspaceId, actor.Id.Value, body.ClientId, text, LanguageOf(http), url, title, ct);
        return TypedResults.Accepted((string?)null, accepted);
    }

    private static async Task<Accepted> HandoffAsync(WorkspaceContext ctx, AskForPerson ask, CancellationToken ct)
    {
        await ask.RunAsync(ctx, ctx.Actor.Id!.Value, ct);
        return TypedResults.Accepted((string?)null);
    }

    private static async Task<Accepted> OfflineAsync(
        HttpContext http,
        WorkspaceContext ctx,
        OfflineMessage body,
        AskForPerson ask,
        RefusedIdentifiers refused,
        CancellationToken ct
    )
    {
        var validation = new Validation();
        var email = validation.Email("email", body.Email);
        var name = validation.Text("name", body.Name, 200, min: 0);
        var text = validation.Text("text", body.Text, MaxText);
        validation.Throw();
        if (await refused.AnyAsync(ctx, [email], ct))
        {
            throw new RuleException("email", AgeTexts.Of(LanguageOf(http)).Refused);
        }
        await ask.LeaveMessageAsync(ctx, ctx.Actor.Id!.Value, name.Length == 0 ? null : name, email, text, ct);
        return TypedResults.Accepted((string?)null);
    }

    private static async Task<Created> StartAnewAsync(WorkspaceContext ctx, CancellationToken ct)
    {
        if (await ctx.LockCurrentAsync(ctx.Actor.Id!.Value, ct) is { } conversation)
        {
            conversation.Current = false;
            if (conversation is { Mode: ConversationMode.Assistant, State: not ConversationState.Resolved })
            {
                conversation.Resolve(ctx.Now);
            }
            ctx.Publish(Topics.Conversation, conversation.VisitorId);
        }
        return TypedResults.Created();
    }

    private static async Task<NoContent> FeedbackAsync(
        HttpContext http,
        Guid id,
        Feedback body,
        AskForReview askForReview,
        WorkspaceContext ctx,
        CancellationToken ct
    )
    {
        var validation = new Validation();
        var comment = validation.Text("comment", body.Comment, 2_000, min: 0);
        var email = string.IsNullOrWhiteSpace(body.Email) ? null : validation.Email("email", body.Email);
        validation.Throw();
        var turn = await ctx.FirstOrDefaultAsync(
            $"""
            update inbox.message m set helpful = {body.Helpful}, comment = nullif({comment}, '')
              from inbox.conversation c
             where c.workspace_id = m.workspace_id and c.id = m.conversation_id
               and m.id = {id} and m.author = 'assistant' and c.visitor_id = {ctx.Actor.Id}
            returning m.turn_id
            """,
            row => new { Id = row.IsDBNull(0) ? (Guid?)null : row.GetGuid(0) },
            ct
        );
        if (turn is null)
        {
            throw new NotFoundException("message");
        }
        if (turn.Id is { } turnId)
        {
            await TurnLedger.RateAsync(ctx, turnId, body.Helpful, ct);
        }
        if (email is not null)
        {
            await askForReview(
                ctx,
                new ReviewWish(id, ctx.Actor.Id!.Value, email, comment.Length == 0 ? null : comment, LanguageOf(http)),
                ct
            );
        }
        ctx.Publish(Topics.Conversation, ctx.Actor.Id!.Value);
        return TypedResults.NoContent();
    }

    private static ConversationView? View(ConversationFeed feed, Guid workspaceId, Guid visitorId, CurrentConversation? current)
    {
        if (current is null)
        {
            return null;
        }
        using var reader = feed.Join(workspaceId, visitorId);
        var (conversation, messages, last, state) = current;
        return new ConversationView(
            conversation.Id,
            state.State,
            state.Mode,
            state.Assignee,
            state.AgentsOnline,
            EventId.Of(conversation.Id, last),
            messages,
            TurnView.Of(reader.Turn)
        );
    }

    private static (string? Url, string? Title) Page(Validation validation, PageView? page) =>
        page is null
            ? (null, null)
            : (validation.Url("page.url", page.Url)?.GetLeftPart(UriPartial.Path), validation.Text("page.title", page.Title, 300, min: 0));

    private static Guid? WorkspaceOf(HttpContext http) =>
        http.Request.RouteValues["key"] is string key ? WidgetSettings.WorkspaceOf(key) : null;

    internal static string LanguageOf(HttpContext http) =>
        Language(http.Request.GetTypedHeaders().AcceptLanguage?.FirstOrDefault()?.Value.Value, http.Widget().Settings.Language);

    private static string Language(string? asked, string otherwise) =>
        (asked ?? "").Split('-')[0].ToLowerInvariant() is var tag && WidgetSettings.Languages.Contains(tag, StringComparer.Ordinal)
            ? tag
            : otherwise;
}
