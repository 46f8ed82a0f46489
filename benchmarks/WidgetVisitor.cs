using System.Diagnostics;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;

namespace Tenet.Benchmarks;

/// <summary>A visitor with an open stream who asks one question after another.</summary>
internal sealed class WidgetVisitor : IAsyncDisposable
{
    private readonly HttpMessageInvoker _calls;
    private readonly Uri _host;
    private readonly AuthenticationHeaderValue _token;
    private readonly CancellationTokenSource _leaving = new();
    private TaskCompletionSource<long> _firstDelta = new();
    private TaskCompletionSource<string> _answered = new();
    private Task? _listening;
    private volatile Exception? _ended;

    private WidgetVisitor(HttpMessageInvoker calls, Uri host, string token)
    {
        (_calls, _host, _token) = (calls, host, new AuthenticationHeaderValue("Bearer", token));
    }

    public static async Task<WidgetVisitor> ArriveAsync(HttpMessageInvoker calls, Uri host, string widgetKey, CancellationToken ct)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(host, $"/api/widget/{widgetKey}/sessions"));
        request.Content = JsonContent.Create(new { language = "en" });
        using var response = await calls.SendAsync(request, ct);
        response.EnsureSuccessStatusCode();
        var session = await response.Content.ReadFromJsonAsync<JsonElement>(ct);
        var visitor = new WidgetVisitor(calls, host, session.GetProperty("token").GetString()!);
        await visitor.ListenAsync(ct);
        return visitor;
    }

    /// <returns>Milliseconds from the start of the request to the first streamed piece of its answer.</returns>
    public async Task<double> AskAsync(string question, string expected, CancellationToken ct)
    {
        (_firstDelta, _answered) = (
            new(TaskCreationOptions.RunContinuationsAsynchronously),
            new(TaskCreationOptions.RunContinuationsAsynchronously)
        );
        if (_ended is not null)
            throw new InvalidOperationException("The visitor's stream has ended.", _ended);
        var began = Stopwatch.GetTimestamp();
        using (await CallAsync("/api/widget/messages", new { clientId = Guid.CreateVersion7(), text = question }, ct)) { }
        var arrived = await _firstDelta.Task.WaitAsync(TimeSpan.FromSeconds(60), ct);
        var answer = await _answered.Task.WaitAsync(TimeSpan.FromSeconds(60), ct);
        // An answer from the excerpts, for want of the model, would measure something else.
        return answer.Contains(expected, StringComparison.Ordinal)
            ? Stopwatch.GetElapsedTime(began, arrived).TotalMilliseconds
            : throw new InvalidOperationException("The model did not answer this turn: " + answer);
    }

    public async Task StartAnewAsync(CancellationToken ct)
    {
        using var _ = await CallAsync("/api/widget/conversations", new { }, ct);
    }

    private async Task<HttpResponseMessage> CallAsync<T>(string path, T body, CancellationToken ct)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(_host, path));
        request.Headers.Authorization = _token;
        request.Content = JsonContent.Create(body);
        var response = await _calls.SendAsync(request, ct);
        return response.IsSuccessStatusCode
            ? response
            : throw new InvalidOperationException($"{path}: {response.StatusCode} {await response.Content.ReadAsStringAsync(ct)}");
    }

    private async Task ListenAsync(CancellationToken ct)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, new Uri(_host, "/api/widget/events"));
        request.Headers.Authorization = _token;
        var response = await _calls.SendAsync(request, ct);
        response.EnsureSuccessStatusCode();
        var reader = new StreamReader(await response.Content.ReadAsStreamAsync(ct));
        // The first line says that the visitor is in.
        await reader.ReadLineAsync(ct);
        _listening = Task.Run(() => ReadAsync(response, reader), CancellationToken.None);
    }

    private async Task ReadAsync(HttpResponseMessage response, StreamReader reader)
    {
        using var _ = response;
        var name = "";
        try
        {
            while (await reader.ReadLineAsync(_leaving.Token) is { } line)
            {
                if (line.StartsWith("event: ", StringComparison.Ordinal))
                    name = line[7..];
                else if (name is "delta" && line.StartsWith("data: ", StringComparison.Ordinal))
                    _firstDelta.TrySetResult(Stopwatch.GetTimestamp());
                else if (name is "message" && line.Contains("\"from\":\"assistant\"", StringComparison.Ordinal))
                    _answered.TrySetResult(line);
            }
            throw new IOException("Tenet ended the stream.");
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or HttpRequestException)
        {
            _ended = e;
            _firstDelta.TrySetException(e);
            _answered.TrySetException(e);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _leaving.CancelAsync();
        if (_listening is not null)
            await _listening;
        _leaving.Dispose();
    }
}
