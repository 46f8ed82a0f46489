using System.Security.Claims;
using Microsoft.AspNetCore.Authorization;

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

    private static readonly string[] Roles = [Viewer, Agent, Admin, Owner];

    /// <summary>Whether a role reaches what is asked: an owner reaches everything a viewer does.</summary>
    public static bool Reaches(string? role, string asked) =>
        role is not null && Array.IndexOf(Roles, role) is >= 0 and var has && has >= Array.IndexOf(Roles, asked);

    internal static void AddPolicies(AuthorizationOptions options)
    {
        foreach (var role in Roles)
        {
            options.AddPolicy(
                role,
                policy => policy.RequireAssertion(context => Reaches(context.User.FindFirstValue(TenetClaims.Role), role))
            );
        }
        options.AddPolicy(Visitor, policy => policy.RequireClaim(TenetClaims.Visitor));
    }
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

    public static Guid? Guid(this ClaimsPrincipal user, string claim) =>
        System.Guid.TryParse(user.FindFirstValue(claim), out var id) ? id : null;
}
