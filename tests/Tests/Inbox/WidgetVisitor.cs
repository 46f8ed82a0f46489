using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Tenet.Inbox.Widget;
using Tenet.Kernel.Workspaces;
using Tenet.Tests.Support;

namespace Tenet.Tests.Inbox;

/// <summary>A visitor's browser as far as the server sees it.</summary>
internal sealed class WidgetVisitor : IDisposable
{
    private readonly HttpClient _client;

    private WidgetVisitor(HttpClient client, string key, Guid visitorId, string token)
    {
        (_client, Key, VisitorId, Token) = (client, key, visitorId, token);
    }

    public string Key { get; }
    public Guid VisitorId { get; }
    public string Token { get; }
    public HttpClient Client => _client;

    public static async Task<string> WidgetKeyAsync(TestHost host, Workspace workspace) =>
        await host.Door.RunAsync(
            workspace.Id,
            Actor.System,
            async ctx => (await host.Services.GetRequiredService<Widgets>().EnsureAsync(ctx, CancellationToken.None)).Key,
            CancellationToken.None
        );

    public static async Task<WidgetVisitor> ArriveAsync(TestHost host, Workspace workspace, string? language = "en", Uri? at = null)
    {
        var key = await WidgetKeyAsync(host, workspace);
        var client = host.Client();
        client.BaseAddress = at ?? host.Address;
        var session = await client.PostAsJsonAsync($"/api/widget/{key}/sessions", new { language });
        session.EnsureSuccessStatusCode();
        var body = await session.Content.ReadFromJsonAsync<JsonElement>();
        var token = body.GetProperty("token").GetString()!;
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return new WidgetVisitor(client, key, body.GetProperty("visitorId").GetGuid(), token);
    }

    public async Task<JsonElement> SayAsync(string text, Guid? clientId = null)
    {
        var response = await _client.PostAsJsonAsync("/api/widget/messages", new { clientId = clientId ?? Guid.CreateVersion7(), text });
        response.EnsureSuccessStatusCode();
        return await response.Content.ReadFromJsonAsync<JsonElement>();
    }

    public async Task<JsonElement> ConversationAsync() => await _client.GetFromJsonAsync<JsonElement>("/api/widget/conversation");

    /// <summary>Reads the stream until <paramref name="until"/> holds; the events so far.</summary>
    public async Task<List<StreamedEvent>> ListenAsync(
        Func<StreamedEvent, bool> until,
        string? lastEventId = null,
        Action? connected = null
    )
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(40));
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/widget/events");
        if (lastEventId is not null)
        {
            request.Headers.TryAddWithoutValidation("Last-Event-ID", lastEventId);
        }
        using var response = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, limit.Token);
        response.EnsureSuccessStatusCode();
        connected?.Invoke();
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(limit.Token));
        var events = new List<StreamedEvent>();
        string? id = null,
            name = null;
        while (await reader.ReadLineAsync(limit.Token) is { } line)
        {
            if (line.StartsWith("id: ", StringComparison.Ordinal))
            {
                id = line[4..];
            }
            else if (line.StartsWith("event: ", StringComparison.Ordinal))
            {
                name = line[7..];
            }
            else if (line.StartsWith("data: ", StringComparison.Ordinal))
            {
                events.Add(new StreamedEvent(id, name!, JsonDocument.Parse(line[6..]).RootElement));
                (id, name) = (null, null);
                if (until(events[^1]))
                {
                    return events;
                }
            }
        }
        throw new InvalidOperationException("The stream ended before what was waited for came.");
    }

    public Task<List<StreamedEvent>> UntilAnsweredAsync(string? lastEventId = null, Action? connected = null) =>
        ListenAsync(item => item.IsMessageFrom("assistant"), lastEventId, connected);

    public void Dispose() => _client.Dispose();
}

internal sealed record StreamedEvent(string? Id, string Name, JsonElement Data)
{
    public bool IsMessageFrom(string author) =>
        Name.Equals("message", StringComparison.Ordinal)
        && string.Equals(Data.GetProperty("from").GetString(), author, StringComparison.Ordinal);

    public string Text => Data.GetProperty("text").GetString()!;
}
