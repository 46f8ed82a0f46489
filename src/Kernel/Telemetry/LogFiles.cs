using System.Diagnostics;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;

namespace Tenet.Kernel.Telemetry;

/// <summary>Log lines as JSON, one a line, in the data folder. Whoever logs never waits: lines that the disk cannot take are counted and lost.</summary>
internal sealed class LogFiles : ILoggerProvider
{
    private static readonly JsonWriterOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private static readonly TimeSpan TimeToEnd = TimeSpan.FromSeconds(5);

    private readonly Channel<string> _lines = Channel.CreateBounded<string>(
        new BoundedChannelOptions(10_000) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true },
        static _ => Signals.LogDropped.Add(1)
    );

    private readonly LogFolder _folder;
    private readonly TimeProvider _time;
    private readonly Task _writing;

    public LogFiles(TelemetryOptions options, TimeProvider time)
    {
        (_folder, _time) = (new LogFolder(options, time), time);
        _writing = Task.Run(WriteAsync);
    }

    public ILogger CreateLogger(string categoryName) => new File(this, categoryName);

    private async Task WriteAsync()
    {
        _folder.Clean();
        using var hourly = new PeriodicTimer(TimeSpan.FromHours(1), _time);
        var hour = hourly.WaitForNextTickAsync().AsTask();
        var waiting = _lines.Reader.WaitToReadAsync().AsTask();
        while (true)
        {
            if (await Task.WhenAny(waiting, hour) == hour)
            {
                _folder.Clean();
                hour = hourly.WaitForNextTickAsync().AsTask();
                continue;
            }
            if (!await waiting)
            {
                break;
            }
            while (_lines.Reader.TryRead(out var line))
            {
                if (!_folder.Write(line))
                {
                    Signals.LogDropped.Add(1);
                }
            }
            _folder.Flush();
            waiting = _lines.Reader.WaitToReadAsync().AsTask();
        }
    }

    public void Dispose()
    {
        _lines.Writer.TryComplete();
        _writing.Wait(TimeToEnd);
        _folder.Dispose();
    }

    private sealed class File(LogFiles files, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel != LogLevel.None;

        public void Log<TState>(
            LogLevel logLevel,
            EventId eventId,
            TState state,
            Exception? exception,
            Func<TState, Exception?, string> formatter
        )
        {
            using var buffer = new MemoryStream();
            using (var json = new Utf8JsonWriter(buffer, Readable))
            {
                json.WriteStartObject();
                json.WriteString("at", files._time.GetUtcNow());
                json.WriteString("level", logLevel.ToString());
                json.WriteString("category", category);
                json.WriteString("message", formatter(state, exception));
                if (exception is not null)
                {
                    json.WriteString("error", exception.ToString());
                }
                if (Activity.Current is { IdFormat: ActivityIdFormat.W3C } activity)
                {
                    json.WriteString("trace", activity.TraceId.ToHexString());
                }
                json.WriteEndObject();
            }
            files._lines.Writer.TryWrite(System.Text.Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length));
        }
    }
}
