using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Tenet.Kernel.Workspaces;

namespace Tenet.Kernel.Http.Once;

/// <summary>
/// Around the handler of a POST with a key. Inside the door, key, effect and answer are one transaction: all are stored or none. Outside it,
/// the key is claimed before and the answer saved after; between the two the handler may run again (<see cref="RunsAgain"/>).
/// An answer that changed nothing (4xx, 5xx) is not kept.
/// </summary>
internal static class OnceFilter
{
    public static async ValueTask<object?> RunAsync(EndpointFilterInvocationContext invocation, EndpointFilterDelegate next)
    {
        var http = invocation.HttpContext;
        if (http.Features.Get<KeyedRequest>() is not { } request)
        {
            return await next(invocation);
        }
        var answers = http.RequestServices.GetRequiredService<SavedAnswers>();
        return WorkspaceEndpoints.OpenContext(http) is { } ctx
            ? await InsideAsync(answers, ctx, request, invocation, next)
            : await OutsideAsync(answers, http.RequestServices.GetRequiredService<WorkspaceScope>(), request, invocation, next);
    }

    private static async Task<object?> InsideAsync(
        SavedAnswers answers,
        WorkspaceContext ctx,
        KeyedRequest request,
        EndpointFilterInvocationContext invocation,
        EndpointFilterDelegate next
    )
    {
        var http = invocation.HttpContext;
        if (await answers.ClaimAsync(ctx, request, http.RequestAborted) is { } earlier)
        {
            return earlier;
        }
        var result = await next(invocation);
        if (WorkspaceEndpoints.Refuses(result))
        {
            return result;
        }
        var answer = await SavedAnswer.WriteAsync(http, result);
        await answers.SaveAsync(ctx, request, answer, http.RequestAborted);
        return answer;
    }

    private static async Task<object?> OutsideAsync(
        SavedAnswers answers,
        WorkspaceScope door,
        KeyedRequest request,
        EndpointFilterInvocationContext invocation,
        EndpointFilterDelegate next
    )
    {
        var http = invocation.HttpContext;
        var (workspace, actor) = http.Caller();
        var ct = http.RequestAborted;
        if (await door.RunAsync(workspace, actor, ctx => answers.ClaimAsync(ctx, request, ct), ct) is { } earlier)
        {
            return earlier;
        }
        object? result;
        try
        {
            result = await next(invocation);
        }
        catch
        {
            await ReleaseAsync();
            throw;
        }
        if (WorkspaceEndpoints.Refuses(result))
        {
            await ReleaseAsync();
            return result;
        }
        var answer = await SavedAnswer.WriteAsync(http, result);
        // Even when the caller has left: what was done is done.
        await door.RunAsync(
            workspace,
            actor,
            ctx => answers.SaveAsync(ctx, request, answer, CancellationToken.None),
            CancellationToken.None
        );
        return answer;

        Task ReleaseAsync() =>
            door.RunAsync(workspace, actor, ctx => SavedAnswers.ReleaseAsync(ctx, request, CancellationToken.None), CancellationToken.None);
    }
}
