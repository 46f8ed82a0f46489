using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Tenet.Kernel.Http;
using Tenet.Kernel.Http.Limits;
using Tenet.Kernel.Postgres;
using Tenet.Kernel.Workspaces;

namespace Tenet.Privacy.Requests;

/// <param name="Workspace">Whom is asked: the short name in the address of its public page. Left out when a chat's token is sent.</param>
/// <param name="Kind">Left out where the address says it.</param>
/// <param name="Email">The address on file. The letter that confirms the request goes there.</param>
/// <param name="Details">For a correction: what is wrong and what is right. At most 4,000 characters.</param>
/// <param name="Language">Of the letters: en, de, fr, es or vi.</param>
/// <param name="Answer">
/// For a human review, with a chat's token: the id of the assistant's message, or of its turn, that a person should look at.
/// </param>
internal sealed record NewRequest(
    string? Workspace,
    string? Kind,
    string? Email,
    string? Name,
    string? Details,
    string? Language,
    Guid? Answer = null
);

/// <param name="DueAt">By when the request is answered, once it is confirmed.</param>
/// <param name="Next">What happens now: the same for every address, known or not.</param>
internal sealed record RequestReceipt(Guid Id, DateTimeOffset AcknowledgeBy, DateTimeOffset DueAt, string Next);

/// <summary>Where anybody asks for their rights, at the addresses that the policies promise.</summary>
internal static class RequestIntake
{
    public const string Gdpr = "/api/gdpr/request";
    public const string Export = "/api/privacy/export";
    public const string Delete = "/api/privacy/delete";
    public const string Ccpa = "/api/privacy/ccpa/request";

    public static void MapIntake(this IEndpointRouteBuilder app)
    {
        var open = app.MapGroup("").AllowAnonymous().LimitedBy(RateGroup.SignIn).WithTags("Privacy requests");
        open.MapPost(
            Gdpr,
            (HttpContext http, NewRequest body, RequestReception reception, CancellationToken ct) =>
                reception.ReceiveAsync(http, body, RequestRegime.Gdpr, null, ct)
        );
        open.MapPost(
            Export,
            (HttpContext http, NewRequest body, RequestReception reception, CancellationToken ct) =>
                reception.ReceiveAsync(http, body, RequestRegime.Gdpr, RequestKind.Access, ct)
        );
        open.MapPost(
            Delete,
            (HttpContext http, NewRequest body, RequestReception reception, CancellationToken ct) =>
                reception.ReceiveAsync(http, body, RequestRegime.Gdpr, RequestKind.Erasure, ct)
        );
        open.MapPost(
            Ccpa,
            (HttpContext http, NewRequest body, RequestReception reception, CancellationToken ct) =>
                reception.ReceiveAsync(http, body, RequestRegime.Ccpa, null, ct)
        );
    }

    internal static RequestWish Read(Validation validation, NewRequest body, RequestRegime regime, RequestKind? kind)
    {
        if (kind is null)
        {
            var allowed = RequestWords.Of(regime).ToDictionary(SqlValue.Text, StringComparer.Ordinal);
            validation.OneOf("kind", body.Kind, allowed.Keys);
            kind = allowed.GetValueOrDefault(body.Kind ?? "", RequestKind.Access);
        }
        var email = validation.Email("email", body.Email);
        var name = validation.Text("name", body.Name, 200, min: 0);
        var details = validation.Text("details", body.Details, 4_000, min: kind is RequestKind.Rectification ? 3 : 0);
        return new RequestWish(
            regime,
            kind.Value,
            RequestSource.Api,
            email,
            name.Length == 0 ? null : name,
            details.Length == 0 ? null : details,
            RequestTexts.Of(body.Language).Language
        );
    }
}
