using System.Security.Claims;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;

namespace Tenet.Kernel.Http;

/// <summary>Who may call an endpoint. A member's role includes those below it.</summary>
public static class Access
{
    public const string Owner = "owner";
    public const string Admin = "admin";
    public const string Agent = "agent";
    public const string Viewer = "viewer";

    /// <summary>A website visitor with a widget session.</summary>
    public const string Visitor = "visitor";

    /// <summary>The authentication scheme that reads a visitor's token, for endpoints that take visitors and others.</summary>
    public const string VisitorScheme = "tenet_visitor";

    /// <summary>
    /// Beside a role, for what is dangerous: the caller proved within ten minutes who they are, by a second factor or a sign-in link. Endpoints
    /// declare it with <c>RequireAuthorization(Access.StepUp)</c>, pages with <c>[Authorize(Policy = Access.StepUp)]</c> or, for a single action,
    /// <c>ConsoleSession.RunSteppedUpAsync</c>. No API key reaches it.
    /// </summary>
    public const string StepUp = "step-up";

    /// <summary>The owner of a closed workspace: reaches where it is reopened, and nothing else. An owner reaches that, too.</summary>
    public const string ClosedOwner = "closed-owner";

    private static readonly string[] Roles = [Viewer, Agent, Admin, Owner];

    /// <summary>Whether a role reaches what is asked: an owner reaches everything a viewer does.</summary>
    public static bool Reaches(string? role, string asked) =>
        asked is ClosedOwner
            ? role is ClosedOwner or Owner
            : role is not null && Array.IndexOf(Roles, role) is >= 0 and var has && has >= Array.IndexOf(Roles, asked);

    internal static void AddPolicies(AuthorizationOptions options)
    {
        foreach (var role in Roles.Append(ClosedOwner))
        {
            options.AddPolicy(
                role,
                policy =>
                    policy.RequireAssertion(context =>
                        Reaches(context.User.FindFirstValue(TenetClaims.Role), role) && KeyReaches(context.User, context.Resource)
                    )
            );
        }
        options.AddPolicy(StepUp, policy => policy.RequireAssertion(context => IsSteppedUp(context.User)));
        options.AddPolicy(Visitor, policy => policy.RequireClaim(TenetClaims.Visitor));
    }

    public static bool IsSteppedUp(ClaimsPrincipal user) => user.HasClaim(claim => claim.Type is TenetClaims.SteppedUp);

    /// <summary>A person reaches what the role reaches; a key, besides, only what one of its scopes reaches.</summary>
    private static bool KeyReaches(ClaimsPrincipal user, object? resource) =>
        !user.HasClaim(claim => claim.Type is TenetClaims.Key)
        || (
            (resource as HttpContext)?.GetEndpoint()?.Metadata.GetMetadata<ApiScope>() is { Name: { } scope }
            && user.HasClaim(TenetClaims.Scope, scope)
        );
}

/// <summary>What Tenet's sign-in schemes say of a caller.</summary>
public static class TenetClaims
{
    public const string Workspace = "tenet:workspace";
    public const string Member = "tenet:member";
    public const string Visitor = "tenet:visitor";
    public const string Role = "tenet:role";
    public const string Session = "tenet:session";
    public const string Name = "tenet:name";

    /// <summary>Present while the proof of who is asking is fresh: see <see cref="Access.StepUp"/>.</summary>
    public const string SteppedUp = "tenet:stepped-up";

    /// <summary>The API key that calls. A personal key's caller is also its member.</summary>
    public const string Key = "tenet:key";

    /// <summary>One for each scope of the key.</summary>
    public const string Scope = "tenet:scope";

    /// <summary>Requests a minute that the key may make; absent when it has no limit of its own.</summary>
    public const string KeyLimit = "tenet:key-limit";

    public static Guid? Guid(this ClaimsPrincipal user, string claim) =>
        System.Guid.TryParse(user.FindFirstValue(claim), out var id) ? id : null;
}
