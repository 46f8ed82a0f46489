using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Tenet.Kernel.Http.Limits;

/// <summary>Endpoints that share a limit: a flood of one group leaves the others alone.</summary>
public enum RateGroup
{
    /// <summary>What members and API keys call.</summary>
    Api,

    /// <summary>What the chat on customers' websites calls.</summary>
    Widget,

    /// <summary>What an Odoo and the people in it call.</summary>
    Copilot,

    /// <summary>The console's pages.</summary>
    Pages,

    /// <summary>Forms that anybody may send: sign-in, invitations.</summary>
    SignIn,

    /// <summary>Files, health, the demo shop, and whatever is not there.</summary>
    Open,
}

/// <param name="WorkspaceOf">Finds the workspace of a request that nobody signed in for.</param>
internal sealed record RateLimited(RateGroup Group, Func<HttpContext, Guid?>? WorkspaceOf);

public static class RateLimitedEndpoints
{
    /// <summary>Counts the group's requests. Said twice, the last one holds.</summary>
    /// <param name="workspaceOf">Whose requests these are when the caller has not signed in: by a key in the route, for instance.</param>
    public static T LimitedBy<T>(this T endpoints, RateGroup group, Func<HttpContext, Guid?>? workspaceOf = null)
        where T : IEndpointConventionBuilder => endpoints.WithMetadata(new RateLimited(group, workspaceOf));
}
