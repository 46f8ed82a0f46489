using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Tenet.Accounts;
using Tenet.Kernel.Http;
using Tenet.Kernel.Http.Limits;
using Tenet.Kernel.Workspaces;
using Tenet.Odoo.Tenants;
using Tenet.Odoo.Tokens;

namespace Tenet.Odoo;

internal sealed record TermsView(string Version, string Url);

internal sealed record DisconnectWish(string? Reason);

/// <summary>What an addon calls as a server: signed with its own key, before any user is known.</summary>
internal static class TenantEndpoints
{
    public static void MapTenants(this IEndpointRouteBuilder app)
    {
        // 1. nobody signs in: the signature is the credential, and the one-time code before there is a key; 2. the limits of this group.
        var open = app.MapGroup("/api/copilot").AllowAnonymous().LimitedBy(RateGroup.Copilot).WithTags("Copilot");
        open.MapGet("/terms", Terms);
        open.MapPost("/tenants", RegisterAsync);
        open.MapPost("/check", CheckAsync);
        open.MapPost("/disconnect", DisconnectAsync);
    }

    private static IResult Terms(PublicAddress own) =>
        CopilotJson.Result(new TermsView(RegisterTenant.TermsVersion, own.Own.GetLeftPart(UriPartial.Authority) + "/privacy"));

    private static async Task<IResult> RegisterAsync(
        HttpContext http,
        ServerRequest requests,
        RegisterTenant register,
        CancellationToken ct
    )
    {
        if (
            await CopilotJson.BodyAsync(http.Request, ServerRequest.MaxBody, ct) is not { } body
            || CopilotJson.Read<Registration>(body) is not { } asked
            || EcKey.Read(asked.PublicKey) is not { } key
            || !requests.IsSelfSigned(http.Request, body, key)
        )
        {
            return CopilotProblem.Of(422, "key_invalid", "A P-256 key as JWK, and the request signed with it, please.");
        }
        if (ConnectCode.WorkspaceOf(asked.Code) is not { } workspace)
        {
            return CodeInvalid();
        }
        var (made, fault) = await register.RunAsync(workspace, asked, key, ct);
        return fault switch
        {
            null => CopilotJson.Result(made!, StatusCodes.Status201Created),
            "code_invalid" => CodeInvalid(),
            "connected" => CopilotProblem.Of(409, fault, "This workspace is connected to an Odoo. Disconnect that first."),
            "terms_outdated" => CopilotProblem.Of(
                422,
                fault,
                "Accept the terms in their present version first: see GET /api/copilot/terms."
            ),
            "url_invalid" => CopilotProblem.Of(
                422,
                fault,
                "The https address of your Odoo without a path's query, and the name of its database, please."
            ),
            _ => CopilotProblem.Of(422, fault, "The versions of Odoo and of the addon, such as 18.0 and 18.0.1.0.0, please."),
        };
    }

    private static async Task<IResult> CheckAsync(HttpContext http, ServerRequest requests, CheckTenant check, CancellationToken ct)
    {
        if (await SignedByAsync(http, requests, ct) is not ({ } tenant, _))
        {
            return Unsigned();
        }
        return tenant.IsDisconnected ? TokenFault.Disconnected.Problem() : CopilotJson.Result(await check.RunAsync(tenant, ct));
    }

    private static async Task<IResult> DisconnectAsync(HttpContext http, ServerRequest requests, WorkspaceScope door, CancellationToken ct)
    {
        if (await SignedByAsync(http, requests, ct) is not ({ } tenant, var body))
        {
            return Unsigned();
        }
        var reason =
            CopilotJson.Read<DisconnectWish>(body)?.Reason == "uninstall" ? DisconnectReason.Uninstall : DisconnectReason.Disconnect;
        var done = await door.RunAsync(tenant.WorkspaceId, Actor.System, ctx => DisconnectTenant.RunAsync(ctx, tenant.Id, reason, ct), ct);
        return CopilotJson.Result(done, StatusCodes.Status202Accepted);
    }

    private static async Task<(ConnectedTenant? Tenant, byte[] Body)> SignedByAsync(
        HttpContext http,
        ServerRequest requests,
        CancellationToken ct
    ) =>
        await CopilotJson.BodyAsync(http.Request, ServerRequest.MaxBody, ct) is { } body
            ? (await requests.VerifyAsync(http.Request, body, ct), body)
            : (null, []);

    private static IResult CodeInvalid() =>
        CopilotProblem.Of(422, "code_invalid", "This code is wrong, was used, or is older than 15 minutes. Make a new one in the console.");

    private static IResult Unsigned() =>
        CopilotProblem.Of(
            401,
            "signature",
            "This request is not signed by a connected Odoo, or was sent before. Check the clock of the server."
        );
}
