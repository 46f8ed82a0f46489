using System.Security.Claims;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Tenet.Kernel.Http;
using Tenet.Kernel.Workspaces;

namespace Tenet.Accounts;

/// <summary>
/// Programs by <c>Authorization: Bearer tk_…</c> (RFC 6750). The key is read from the database for each request, so that one that was revoked
/// is refused at once, on every node.
/// </summary>
internal sealed class KeyAuthentication(
    IOptionsMonitor<AuthenticationSchemeOptions> options,
    ILoggerFactory logger,
    UrlEncoder encoder,
    WorkspaceScope door,
    OpenRequests open
) : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
{
    public const string SchemeName = "tenet_key";
    private const string Bearer = "Bearer ";

    public static bool Carries(HttpRequest request) =>
        request.Headers.Authorization.ToString().StartsWith(Bearer + ApiKeyText.Start, StringComparison.OrdinalIgnoreCase);

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        var header = Request.Headers.Authorization.ToString();
        if (
            !header.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase)
            || ApiKeyText.Parse(header[Bearer.Length..].Trim()) is not { } text
        )
        {
            return AuthenticateResult.NoResult();
        }
        if (await FindAsync(text, Context.RequestAborted) is not { } identity)
        {
            return AuthenticateResult.Fail("The key is unknown, revoked or expired.");
        }
        var caller = new ClaimsPrincipal(identity);
        open.Watch(Context, caller);
        return AuthenticateResult.Success(new AuthenticationTicket(caller, Scheme.Name));
    }

    private Task<ClaimsIdentity?> FindAsync(ApiKeyText text, CancellationToken ct) =>
        door.BatchAsync(
            text.WorkspaceId,
            Actor.System,
            batch =>
            {
                batch.Add(
                    $"""
                    select k.id, k.member_id, coalesce(m.role, k.role), coalesce(m.name, k.name), k.scopes, k.requests_per_minute
                      from accounts.api_key k
                      left join accounts.member m on m.workspace_id = k.workspace_id and m.id = k.member_id
                     where k.token_hash = {text.Hash} and (k.expires_at is null or k.expires_at > {batch.Now})
                       and exists (select from kernel.workspace where closed_at is null)
                    """
                );
                batch.Add(
                    $"""
                    update accounts.api_key set last_used_at = {batch.Now}
                     where token_hash = {text.Hash} and (last_used_at is null or last_used_at < {batch.Now.AddMinutes(-1)})
                    """
                );
            },
            results => results.FirstOrDefaultAsync(row => Identity(text.WorkspaceId, row), ct),
            ct
        );

    private static ClaimsIdentity Identity(Guid workspaceId, Npgsql.NpgsqlDataReader row)
    {
        var identity = new ClaimsIdentity(
            [
                new Claim(TenetClaims.Key, row.GetGuid(0).ToString()),
                new Claim(TenetClaims.Workspace, workspaceId.ToString()),
                new Claim(TenetClaims.Role, row.GetString(2)),
                new Claim(TenetClaims.Name, row.GetString(3)),
                .. row.GetFieldValue<string[]>(4).Select(scope => new Claim(TenetClaims.Scope, scope)),
            ],
            SchemeName,
            TenetClaims.Name,
            TenetClaims.Role
        );
        if (!row.IsDBNull(1))
        {
            identity.AddClaim(new Claim(TenetClaims.Member, row.GetGuid(1).ToString()));
        }
        if (!row.IsDBNull(5))
        {
            identity.AddClaim(new Claim(TenetClaims.KeyLimit, row.GetInt32(5).ToString(System.Globalization.CultureInfo.InvariantCulture)));
        }
        return identity;
    }

    protected override Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        Response.StatusCode = StatusCodes.Status401Unauthorized;
        Response.Headers.WWWAuthenticate = "Bearer error=\"invalid_token\"";
        return Refusals.WriteAsync(Context, "The API key is unknown, revoked or expired. Make a new one in the console, under API keys.");
    }

    /// <summary>The key is good and reaches too little: says which scope is missing.</summary>
    protected override Task HandleForbiddenAsync(AuthenticationProperties properties)
    {
        Response.StatusCode = StatusCodes.Status403Forbidden;
        var scope = Context.GetEndpoint()?.Metadata.GetMetadata<ApiScope>()?.Name;
        if (scope is null)
        {
            return Refusals.WriteAsync(Context, "No API key may do this. Sign in to the console for it.");
        }
        Response.Headers.WWWAuthenticate = $"Bearer error=\"insufficient_scope\", scope=\"{scope}\"";
        return Refusals.WriteAsync(
            Context,
            Context.User.HasClaim(TenetClaims.Scope, scope)
                ? "The role behind this API key does not allow it."
                : $"This API key lacks the scope {scope}. Make one that has it."
        );
    }
}
