using System.Collections.Concurrent;
using Microsoft.AspNetCore.Http;
using Tenet.Kernel.Vault;

namespace Tenet.Kernel.Http.Once;

/// <summary>
/// Reads the key of a POST. Of several requests with one key on this node, one goes on and the others wait here, holding no connection;
/// between nodes the database lets one pass.
/// </summary>
internal sealed class IdempotencyKeys(RequestDelegate next, InstallationVault vault, TimeProvider time)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private readonly ConcurrentDictionary<(Guid, Guid), TaskCompletionSource> _running = new();

    public Task InvokeAsync(HttpContext http) =>
        HttpMethods.IsPost(http.Request.Method)
        && http.Request.Headers.ContainsKey(KeyedRequest.Header)
        && http.GetEndpoint()?.Metadata.GetMetadata<TakesKeys>() is not null
            ? OneByOneAsync(http)
            : next(http);

    private async Task OneByOneAsync(HttpContext http)
    {
        if (await KeyedRequest.ReadAsync(http, vault) is not { } request)
        {
            await next(http);
            return;
        }
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var started = time.GetTimestamp();
        while (!_running.TryAdd((request.WorkspaceId, request.Id), done))
        {
            if (_running.TryGetValue((request.WorkspaceId, request.Id), out var first))
            {
                await WaitAsync(first.Task, Patience - time.GetElapsedTime(started), http.RequestAborted);
            }
        }
        try
        {
            http.Features.Set(request);
            await next(http);
        }
        finally
        {
            _running.TryRemove((request.WorkspaceId, request.Id), out _);
            done.SetResult();
        }
    }

    private async Task WaitAsync(Task first, TimeSpan patience, CancellationToken ct)
    {
        try
        {
            await first.WaitAsync(patience > TimeSpan.Zero ? patience : TimeSpan.Zero, time, ct);
        }
        catch (TimeoutException)
        {
            throw SavedAnswers.Running();
        }
    }
}

/// <summary>On an endpoint whose POST takes an <c>Idempotency-Key</c>.</summary>
internal sealed class TakesKeys
{
    public static readonly TakesKeys Instance = new();
}

/// <summary>
/// On a POST that works outside the transaction of its answer: why it may run again when the program ends between the two.
/// </summary>
internal sealed record RunsAgain(string Because);
