using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Tenet.Tests.Support;

namespace Tenet.Tests.Privacy;

internal sealed record ReceivedAlert(string Id, long Timestamp, string Signature, string Body)
{
    public JsonElement Json => JsonDocument.Parse(Body).RootElement;
}

/// <summary>A program of a customer's that takes alerts; the first ones it may fail.</summary>
internal sealed class AlertReceiver : IAsyncDisposable
{
    private LoopbackSite _site = null!;

    public ConcurrentQueue<ReceivedAlert> Received { get; } = new();

    /// <summary>What it answers to the next ones; then 204.</summary>
    public ConcurrentQueue<int> Answers { get; } = new();

    public Uri Address => new(_site.Address, "/alerts?token=in-the-address");

    public static async Task<AlertReceiver> StartAsync()
    {
        var receiver = new AlertReceiver();
        receiver._site = await LoopbackSite.StartAsync(app => app.MapPost("/alerts", receiver.TakeAsync));
        return receiver;
    }

    private async Task<IResult> TakeAsync(HttpRequest request)
    {
        using var reader = new StreamReader(request.Body);
        Received.Enqueue(
            new ReceivedAlert(
                request.Headers["webhook-id"].ToString(),
                long.Parse(request.Headers["webhook-timestamp"].ToString(), System.Globalization.CultureInfo.InvariantCulture),
                request.Headers["webhook-signature"].ToString(),
                await reader.ReadToEndAsync()
            )
        );
        return Results.StatusCode(Answers.TryDequeue(out var answer) ? answer : 204);
    }

    public ValueTask DisposeAsync() => _site.DisposeAsync();
}
