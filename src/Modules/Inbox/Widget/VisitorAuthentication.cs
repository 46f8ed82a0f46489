using System.Security.Claims;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Tenet.Kernel.Http;

namespace Tenet.Inbox.Widget;

/// <summary>Reads the visitor's token from the Authorization header. No cookie is involved.</summary>
internal sealed class VisitorAuthentication(
    IOptionsMonitor<AuthenticationSchemeOptions> options,
    ILoggerFactory logger,
    UrlEncoder encoder,
    VisitorTokens tokens
) : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
{
    public const string SchemeName = Access.VisitorScheme;
    private const string Prefix = "Bearer ";

    protected override Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        var header = Request.Headers.Authorization.ToString();
        if (!header.StartsWith(Prefix, StringComparison.Ordinal))
        {
            return Task.FromResult(AuthenticateResult.NoResult());
        }
        if (tokens.Read(header.AsSpan(Prefix.Length)) is not { } visitor)
        {
            return Task.FromResult(AuthenticateResult.Fail("The visitor's token is not valid any more."));
        }
        var identity = new ClaimsIdentity(
            [
                new Claim(TenetClaims.Workspace, visitor.WorkspaceId.ToString()),
                new Claim(TenetClaims.Visitor, visitor.VisitorId.ToString()),
            ],
            SchemeName
        );
        return Task.FromResult(AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(identity), SchemeName)));
    }
}
