using System.Security.Claims;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Tenet.Accounts;
using Tenet.Kernel.Http;
using Tenet.Kernel.Workspaces;
using Tenet.Odoo.Tenants;

namespace Tenet.Odoo.Tokens;

/// <summary>Reads the user's token from the Authorization header, uses it up, and looks at its grant. No cookie is involved.</summary>
internal sealed class CopilotAuthentication(
    IOptionsMonitor<AuthenticationSchemeOptions> options,
    ILoggerFactory logger,
    UrlEncoder encoder,
    TenantBook tenants,
    WorkspaceScope door,
    PublicAddress own,
    Lifetimes lifetimes
) : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
{
    public const string SchemeName = "tenet_copilot";

    /// <summary>The policy of endpoints that a user of a connected Odoo reaches.</summary>
    public const string Policy = "copilot";

    private const string Prefix = "Bearer ";
    private TokenFault _fault = TokenFault.Missing;

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        var header = Request.Headers.Authorization.ToString();
        if (!header.StartsWith(Prefix, StringComparison.Ordinal))
        {
            return AuthenticateResult.NoResult();
        }
        var (caller, fault) = await VerifyAsync(header[Prefix.Length..], Context.RequestAborted);
        if (caller is null)
        {
            _fault = fault;
            return AuthenticateResult.Fail("The token is refused.");
        }
        caller.Attach(Context);
        var identity = new ClaimsIdentity([new Claim(TenetClaims.Workspace, caller.Token.WorkspaceId.ToString())], SchemeName);
        return AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(identity), SchemeName));
    }

    protected override Task HandleChallengeAsync(AuthenticationProperties properties) => _fault.Problem().ExecuteAsync(Context);

    private async Task<(CopilotCaller?, TokenFault)> VerifyAsync(string text, CancellationToken ct)
    {
        if (UserToken.Claimant(text) is not { } claimant)
        {
            return (null, TokenFault.Malformed);
        }
        if (await tenants.FindAsync(claimant.WorkspaceId, claimant.Kid, ct) is not { } tenant)
        {
            return (null, TokenFault.Signature);
        }
        var origin = Request.Headers.Origin.ToString();
        var stranger = origin.Length > 0 && !origin.Equals(tenant.Origin, StringComparison.OrdinalIgnoreCase);
        if (!stranger)
        {
            // The panel in the customer's own Odoo may also read why it was refused.
            Context.LetOriginRead();
        }
        var now = TimeProvider.GetUtcNow();
        var (token, fault) = UserToken.Verify(
            text,
            tenant,
            own.Own.GetLeftPart(UriPartial.Authority),
            await lifetimes.OfTokenAsync(ct),
            now
        );
        if (token is null)
        {
            return (null, fault);
        }
        if (tenant.IsDisconnected)
        {
            return (null, TokenFault.Disconnected);
        }
        if (stranger)
        {
            return (null, TokenFault.Origin);
        }
        return await UseAsync(token, tenant, now, ct);
    }

    private async Task<(CopilotCaller?, TokenFault)> UseAsync(
        UserToken token,
        ConnectedTenant tenant,
        DateTimeOffset now,
        CancellationToken ct
    )
    {
        var (isNew, grant) = await door.BatchAsync(
            token.WorkspaceId,
            Actor.System,
            batch =>
            {
                batch.Add(UsedTokens.Take(token.Id, token.ExpiresAt));
                batch.Add(
                    $"""
                    select good_until from odoo.panel_grant
                     where id = {token.Grant ?? Guid.Empty} and tenant_id = {token.Kid} and uid = {token.Uid} and ended_at is null
                       and refresh_until > {now}
                    """
                );
            },
            async rows =>
                (
                    await rows.FirstOrDefaultAsync(_ => true, ct),
                    await rows.FirstOrDefaultAsync(row => (DateTimeOffset?)row.GetFieldValue<DateTimeOffset>(0), ct)
                ),
            ct
        );
        if (!isNew)
        {
            return (null, TokenFault.Replayed);
        }
        TokenFault? wrong =
            grant is not { } until ? TokenFault.GrantEnded
            : until <= now ? TokenFault.GrantStale
            : null;
        return (new CopilotCaller(token, tenant, wrong), default);
    }
}
