using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Tenet.Kernel.Http;
using Tenet.Kernel.Workspaces;

namespace Tenet.Privacy.Requests;

/// <summary>Reads a request from outside and takes it in.</summary>
internal sealed class RequestReception(WorkspaceScope door, WorkspaceDirectory directory, SubmitRequest submit)
{
    private const string ByLetter =
        "If the address can be reached, a letter is on its way. Its link confirms the request; without that, nothing happens.";

    private const string FromChat = "The request is confirmed by the chat's own token. The answer goes to the address.";

    public async Task<Results<Accepted<RequestReceipt>, UnauthorizedHttpResult>> ReceiveAsync(
        HttpContext http,
        NewRequest body,
        RequestRegime regime,
        RequestKind? kind,
        CancellationToken ct
    )
    {
        var visitor = await VisitorAsync(http);
        if (visitor is null && http.Request.Headers.Authorization.Count > 0)
        {
            return TypedResults.Unauthorized();
        }
        var validation = new Validation();
        var wish = RequestIntake.Read(validation, body, regime, kind) with
        {
            Source = visitor is null ? RequestSource.Api : RequestSource.Widget,
            Identity = visitor is null ? RequestIdentity.None : RequestIdentity.Widget,
            PersonId = visitor?.Person,
            Disputed = body.Answer,
        };
        // Without the chat's token nobody has shown that the conversation is theirs.
        validation.Check(
            visitor is not null || body.Answer is null,
            "answer",
            "Send the token of the chat in which the answer was given, or describe it in details."
        );
        var slug = visitor is null ? validation.Text("workspace", body.Workspace, 63) : null;
        validation.Throw();
        var workspace =
            visitor?.Workspace
            ?? (await directory.FindAsync(slug!, ct) is { ClosedAt: null } found ? found.Id : throw new NotFoundException("workspace"));
        var request = await door.RunAsync(workspace, Actor.System, ctx => submit.RunAsync(ctx, wish, ct), ct);
        return TypedResults.Accepted(
            (string?)null,
            new RequestReceipt(request.Id, request.AcknowledgeBy, request.DueAt, visitor is null ? ByLetter : FromChat)
        );
    }

    /// <summary>From a form of our own.</summary>
    public async Task SubmitAsync(Guid workspace, NewRequest body, RequestRegime regime, CancellationToken ct)
    {
        var validation = new Validation();
        var wish = RequestIntake.Read(validation, body, regime, null) with { Source = RequestSource.Form };
        validation.Throw();
        await door.RunAsync(workspace, Actor.System, ctx => submit.RunAsync(ctx, wish, ct), ct);
    }

    private static async Task<(Guid Workspace, Guid Person)?> VisitorAsync(HttpContext http)
    {
        if (http.Request.Headers.Authorization.Count == 0)
        {
            return null;
        }
        var caller = (await http.AuthenticateAsync(Access.VisitorScheme)).Principal;
        return caller?.Guid(TenetClaims.Workspace) is { } workspace && caller.Guid(TenetClaims.Visitor) is { } person
            ? (workspace, person)
            : null;
    }
}
