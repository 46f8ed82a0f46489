using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Tenet.Tests.Support.ModelFakes;

/// <summary>
/// A model on loopback that speaks OpenAI's chat completions and embeddings and Anthropic's messages, as scripted.
/// With an empty script it gives <see cref="Default"/> at once, which is what measurements of our own overhead want.
/// </summary>
public sealed class FakeModelServer : IAsyncDisposable
{
    private readonly WebApplication app;
    private readonly ConcurrentQueue<FakeReply> script = new();
    private readonly ConcurrentQueue<FakeRequest> requests = new();

    private FakeModelServer(WebApplication app)
    {
        this.app = app;
        app.MapPost("/v1/chat/completions", context => AnswerAsync(context, OpenAiWire.WriteAsync, OpenAiWire.WriteErrorAsync));
        app.MapPost("/v1/messages", context => AnswerAsync(context, AnthropicWire.WriteAsync, AnthropicWire.WriteErrorAsync));
        app.MapPost("/v1/embeddings", EmbedAsync);
        app.MapGet("/redirect/{**rest}", () => Results.Redirect("/v1/models"));
    }

    private delegate Task Write(HttpResponse response, FakeReply reply, CancellationToken ct);

    /// <summary>Given when the script is empty.</summary>
    public FakeReply Default { get; set; } = FakeReply.Text("It is ", "here [1].");

    /// <summary>Answers by what was asked, when the script is empty: many can ask at once.</summary>
    public Func<FakeRequest, FakeReply>? Choose { get; set; }

    /// <summary>When set, any other key is refused with 401.</summary>
    public string? Key { get; set; }

    /// <summary>Off for measurements: requests are not kept.</summary>
    public bool Records { get; set; } = true;

    public IReadOnlyList<FakeRequest> Requests => [.. requests];

    public Uri Address { get; private set; } = null!;

    public Uri OpenAi => new(Address, "/v1");

    public Uri Anthropic => Address;

    /// <param name="port">0 takes a free one.</param>
    public static async Task<FakeModelServer> StartAsync(int port = 0)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelCore();
        builder.WebHost.ConfigureKestrel(k => k.Listen(IPAddress.Loopback, port));
        builder.Services.AddRoutingCore();
        var server = new FakeModelServer(builder.Build());
        await server.app.StartAsync();
        var addresses = server.app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!;
        server.Address = new Uri(addresses.Addresses.First());
        return server;
    }

    /// <summary>The next requests are answered in this order.</summary>
    public void Then(params FakeReply[] replies)
    {
        foreach (var reply in replies)
            script.Enqueue(reply);
    }

    public async ValueTask DisposeAsync()
    {
        using var now = new CancellationTokenSource(TimeSpan.FromMilliseconds(200));
        await app.StopAsync(now.Token);
        await app.DisposeAsync();
    }

    private async Task AnswerAsync(HttpContext context, Write write, Write error)
    {
        var ct = context.RequestAborted;
        using var reader = new StreamReader(context.Request.Body);
        var body = await reader.ReadToEndAsync(ct);
        var key = KeyOf(context.Request);
        if (Records)
            requests.Enqueue(new FakeRequest(context.Request.Path, key, body));
        if (!script.TryDequeue(out var reply))
            reply = Choose?.Invoke(new FakeRequest(context.Request.Path, key, body)) ?? Default;
        if (Key is not null && !string.Equals(key, Key, StringComparison.Ordinal))
            reply = FakeReply.Error(401, "invalid_api_key");
        try
        {
            if (reply.Delay > TimeSpan.Zero)
                await Task.Delay(reply.Delay, ct);
            if (reply.Status == 200)
            {
                context.Response.ContentType = "text/event-stream";
                await write(context.Response, reply, ct);
                await EndAsync(context, reply, ct);
                return;
            }
            context.Response.StatusCode = reply.Status;
            if (reply.RetryAfter is not null)
                context.Response.Headers.RetryAfter = reply.RetryAfter;
            await error(context.Response, reply, ct);
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested) { }
    }

    private static async Task EndAsync(HttpContext context, FakeReply reply, CancellationToken ct)
    {
        if (reply.Ending == FakeEnding.Abort)
        {
            await context.Response.Body.FlushAsync(ct);
            await Task.Delay(20, ct);
            context.Abort();
        }
        if (reply.Ending == FakeEnding.Stall)
        {
            await context.Response.Body.FlushAsync(ct);
            await Task.Delay(Timeout.Infinite, ct);
        }
        if (reply.Ending == FakeEnding.Garbage)
            await context.Response.WriteAsync("data: {\"choices\": [oh no\n\n", ct);
    }

    private async Task EmbedAsync(HttpContext context)
    {
        using var body = await System.Text.Json.JsonDocument.ParseAsync(context.Request.Body, default, context.RequestAborted);
        if (Records)
            requests.Enqueue(new FakeRequest(context.Request.Path, KeyOf(context.Request), body.RootElement.GetRawText()));
        if (Key is not null && !string.Equals(KeyOf(context.Request), Key, StringComparison.Ordinal))
        {
            context.Response.StatusCode = 401;
            await OpenAiWire.WriteErrorAsync(context.Response, FakeReply.Error(401, "invalid_api_key"), context.RequestAborted);
            return;
        }
        var input = body.RootElement.GetProperty("input");
        var texts =
            input.ValueKind == System.Text.Json.JsonValueKind.Array
                ? input.EnumerateArray().Select(t => t.GetString()!)
                : [input.GetString()!];
        await OpenAiWire.WriteEmbeddingsAsync(context.Response, [.. texts], context.RequestAborted);
    }

    private static string? KeyOf(HttpRequest request)
    {
        var bearer = request.Headers.Authorization.ToString();
        if (bearer.StartsWith("Bearer ", StringComparison.Ordinal))
            return bearer[7..];
        var key = request.Headers["x-api-key"].ToString();
        return key.Length > 0 ? key.ToString(CultureInfo.InvariantCulture) : null;
    }
}
