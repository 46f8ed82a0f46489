using System.Buffers;
using System.IO.Pipelines;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace Tenet.Odoo.Turns;

/// <summary>Writes a turn to the panel as server-sent events, each with one line of JSON, and a comment now and then so that no proxy falls asleep.</summary>
internal sealed class TurnEvents(HttpResponse response, TimeProvider time) : IAsyncDisposable
{
    private static readonly TimeSpan Pulse = TimeSpan.FromSeconds(15);
    private readonly SemaphoreSlim _writing = new(1);
    private readonly CancellationTokenSource _ended = new();
    private Task? _pulse;

    public async Task OpenAsync(CancellationToken ct)
    {
        response.ContentType = "text/event-stream";
        response.Headers.CacheControl = "no-store";
        response.Headers["X-Accel-Buffering"] = "no";
        await response.StartAsync(ct);
        _pulse = BeatAsync(ct);
    }

    public Task WriteAsync<T>(string name, T data, CancellationToken ct) =>
        LockedAsync(
            pipe =>
            {
                pipe.Write("event: "u8);
                Ascii(pipe, name);
                pipe.Write("\ndata: "u8);
                using (var json = new Utf8JsonWriter(pipe))
                {
                    JsonSerializer.Serialize(json, data, CopilotJson.Options);
                }
                pipe.Write("\n\n"u8);
            },
            ct
        );

    public async ValueTask DisposeAsync()
    {
        await _ended.CancelAsync();
        if (_pulse is not null)
        {
            await _pulse.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        _ended.Dispose();
        _writing.Dispose();
    }

    private async Task BeatAsync(CancellationToken ct)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, _ended.Token);
        while (true)
        {
            await Task.Delay(Pulse, time, either.Token);
            await LockedAsync(pipe => pipe.Write(": \n\n"u8), either.Token);
        }
    }

    private async Task LockedAsync(Action<PipeWriter> write, CancellationToken ct)
    {
        await _writing.WaitAsync(ct);
        try
        {
            write(response.BodyWriter);
            await response.BodyWriter.FlushAsync(ct);
        }
        finally
        {
            _writing.Release();
        }
    }

    private static void Ascii(PipeWriter pipe, string text)
    {
        var written = System.Text.Encoding.ASCII.GetBytes(text, pipe.GetSpan(text.Length));
        pipe.Advance(written);
    }
}
