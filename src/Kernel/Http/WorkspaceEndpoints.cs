using System.Security.Claims;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.DependencyInjection;
using Tenet.Kernel.Workspaces;

namespace Tenet.Kernel.Http;

public static class WorkspaceEndpoints
{
    private static readonly object Key = new();

    /// <summary>
    /// Endpoints of one workspace: 1. the caller must reach <paramref name="access"/>; 2. a handler that takes a
    /// <see cref="WorkspaceContext"/> gets one transaction through the one door; 3. it is committed before the answer is written.
    /// </summary>
    public static RouteGroupBuilder InWorkspace(this RouteGroupBuilder group, string access)
    {
        group.RequireAuthorization(access);
        group.AddEndpointFilter(
            async (invocation, next) =>
            {
                var result = await next(invocation);
                if (
                    invocation.HttpContext.Items.TryGetValue(Key, out var open)
                    && open is WorkspaceContext context
                    && Inner(result) is not IStatusCodeHttpResult { StatusCode: >= 400 }
                )
                {
                    await context.CommitAsync(invocation.HttpContext.RequestAborted);
                    await context.DisposeAsync();
                }
                return result;
            }
        );
        return group;
    }

    /// <summary>The workspace and the actor that the caller signed in as.</summary>
    /// <exception cref="InvalidOperationException">The endpoint lets callers in who belong to no workspace.</exception>
    public static (Guid WorkspaceId, Actor Actor) Caller(this HttpContext http)
    {
        var workspace =
            http.User.Guid(TenetClaims.Workspace) ?? throw new InvalidOperationException("This endpoint needs a caller of a workspace.");
        return (workspace, ActorOf(http.User));
    }

    public static Actor ActorOf(ClaimsPrincipal user) =>
        user.Guid(TenetClaims.Member) is { } member ? Actor.Member(member)
        : user.Guid(TenetClaims.Visitor) is { } visitor ? Actor.Visitor(visitor)
        : user.Guid(TenetClaims.Key) is { } key ? Actor.Key(key)
        : throw new InvalidOperationException("The caller is neither member, visitor nor key.");

    /// <summary>A handler that may answer several ways returns what it answers inside a <c>Results&lt;…&gt;</c>.</summary>
    private static object? Inner(object? result) => result is INestedHttpResult nested ? Inner(nested.Result) : result;

    internal static async ValueTask<WorkspaceContext?> OpenAsync(HttpContext http)
    {
        var (workspace, actor) = http.Caller();
        // The body is read before the transaction begins: a caller who sends it slowly holds no connection.
        if (http.Features.Get<IHttpRequestBodyDetectionFeature>()?.CanHaveBody == true)
        {
            http.Request.EnableBuffering(bufferThreshold: 1_000_000);
            await http.Request.Body.DrainAsync(http.RequestAborted);
            http.Request.Body.Position = 0;
        }
        var door = http.RequestServices.GetRequiredService<WorkspaceScope>();
        var context = await door.OpenAsync(workspace, actor, http.RequestServices, http.RequestAborted);
        http.Items[Key] = context;
        http.Response.RegisterForDisposeAsync(context);
        return context;
    }
}
