using System.Security.Claims;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.DependencyInjection;
using Tenet.Kernel.Http.Limits;
using Tenet.Kernel.Http.Once;
using Tenet.Kernel.Workspaces;

namespace Tenet.Kernel.Http;

public static class WorkspaceEndpoints
{
    private static readonly object Key = new();

    /// <summary>
    /// Endpoints of one workspace: 1. the caller must reach <paramref name="access"/>; 2. a handler that takes a
    /// <see cref="WorkspaceContext"/> gets one transaction through the one door; 3. it is committed before the answer is written;
    /// 4. a POST takes an <c>Idempotency-Key</c>; 5. the limits of <see cref="RateGroup.Api"/>, unless the group says <c>LimitedBy</c>.
    /// A filter that demands something of every request stands before this one: a repeated request is answered here.
    /// </summary>
    public static RouteGroupBuilder InWorkspace(this RouteGroupBuilder group, string access)
    {
        group.RequireAuthorization(access).LimitedBy(RateGroup.Api).WithMetadata(TakesKeys.Instance);
        group.AddEndpointFilter(
            async (invocation, next) =>
            {
                var result = await next(invocation);
                if (OpenContext(invocation.HttpContext) is { } context && !Refuses(result))
                {
                    await context.CommitAsync(invocation.HttpContext.RequestAborted);
                    await context.DisposeAsync();
                }
                return result;
            }
        );
        return group.AddEndpointFilter(OnceFilter.RunAsync);
    }

    /// <summary>
    /// For a POST whose handler takes no <see cref="WorkspaceContext"/>: says why nothing is done twice, or why twice does no harm, should the
    /// program end after the work and before its answer is kept under the caller's key.
    /// </summary>
    public static RouteHandlerBuilder RunsAgain(this RouteHandlerBuilder endpoint, string because) =>
        endpoint.WithMetadata(new RunsAgain(because));

    /// <summary>Whether an endpoint's POST takes an <c>Idempotency-Key</c>, by its metadata.</summary>
    public static bool TakesIdempotencyKeys(IEnumerable<object> metadata) => metadata.OfType<TakesKeys>().Any();

    /// <summary>The transaction that the handler took; null when it took none.</summary>
    internal static WorkspaceContext? OpenContext(HttpContext http) =>
        http.Items.TryGetValue(Key, out var open) ? open as WorkspaceContext : null;

    /// <summary>Nothing is to be committed.</summary>
    internal static bool Refuses(object? result) => Inner(result) is IStatusCodeHttpResult { StatusCode: >= 400 };

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
        await http.Request.BufferAsync(http.RequestAborted);
        var door = http.RequestServices.GetRequiredService<WorkspaceScope>();
        var context = await door.OpenAsync(workspace, actor, http.RequestServices, http.RequestAborted);
        http.Items[Key] = context;
        http.Response.RegisterForDisposeAsync(context);
        return context;
    }

    /// <summary>Reads the whole body into memory, never to a file: it may hold what people wrote.</summary>
    internal static async Task BufferAsync(this HttpRequest request, CancellationToken ct)
    {
        if (request.HttpContext.Features.Get<IHttpRequestBodyDetectionFeature>()?.CanHaveBody == true)
        {
            request.EnableBuffering(bufferThreshold: 8_000_000);
            await request.Body.DrainAsync(ct);
            request.Body.Position = 0;
        }
    }
}
