using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Threading.Channels;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Tenet.Kernel.Http;

namespace Tenet.Kernel.Telemetry;

/// <summary>
/// Collects the errors that are logged, after redaction, and sends them to Sentry in the background. Never blocks and never reports about itself:
/// what does not fit or cannot be sent is counted and lost.
/// </summary>
/// <param name="never">What no report may hold, by the policies in force: words of <see cref="SecretForms"/>.</param>
internal sealed class ErrorReports(
    TelemetryOptions options,
    Egress egress,
    TimeProvider time,
    Func<CancellationToken, ValueTask<IReadOnlyCollection<string>>> never
) : BackgroundService, ILoggerProvider
{
    private const int MostAlikeInAMinute = 5;
    private static readonly TimeSpan TimeToEnd = TimeSpan.FromSeconds(3);
    private static readonly AsyncLocal<bool> Sending = new();

    private readonly Channel<SentryEvent> _waiting = Channel.CreateBounded<SentryEvent>(
        new BoundedChannelOptions(100) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true },
        static _ => Count("dropped")
    );

    private readonly SentryDsn _dsn = SentryDsn.Parse(options.ErrorDsn!);
    private readonly LogFolder? _copies = options.LogFolder is null ? null : new LogFolder(options, time, LogFolder.Reports);
    private readonly Lock _seenLock = new();
    private readonly Dictionary<string, int> _seen = new(StringComparer.Ordinal);
    private DateTimeOffset _minute;
    private DateTimeOffset _silentUntil;

    public ILogger CreateLogger(string categoryName) => new Reporter(this, categoryName);

    internal void Add(SentryEvent error)
    {
        if (IsOneTooMany(error) || !_waiting.Writer.TryWrite(error))
        {
            Count("dropped");
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        Sending.Value = true;
        // The one that is being sent when the node stops may take its time as well.
        using var end = new CancellationTokenSource();
        await using var stopping = stoppingToken.Register(() => end.CancelAfter(TimeToEnd));
        try
        {
            await foreach (var error in _waiting.Reader.ReadAllAsync(stoppingToken))
            {
                await SendAsync(error, end.Token);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            await SendRestAsync();
        }
    }

    // The reason why a node stops is often its last error.
    private async Task SendRestAsync()
    {
        using var limit = new CancellationTokenSource(TimeToEnd, time);
        while (!limit.IsCancellationRequested && _waiting.Reader.TryRead(out var error))
        {
            await SendAsync(error, limit.Token);
        }
    }

    private async Task SendAsync(SentryEvent error, CancellationToken ct)
    {
        if (time.GetUtcNow() < _silentUntil)
        {
            Count("dropped");
            return;
        }
        try
        {
            var envelope = error.ToEnvelope(options.Environment, time.GetUtcNow());
            if (!await MayLeaveAsync(Encoding.UTF8.GetString(envelope), ct))
            {
                Count("held_back");
                return;
            }
            var client = egress.Client(
                new EgressPolicy("error-reports")
                {
                    OperatorHost = $"{_dsn.Envelope.IdnHost}:{_dsn.Envelope.Port}",
                    TotalTime = TimeSpan.FromSeconds(10),
                    MaxBytes = 100_000,
                }
            );
            using var request = new HttpRequestMessage(HttpMethod.Post, _dsn.Envelope)
            {
                Content = new ByteArrayContent(envelope)
                {
                    Headers = { ContentType = new MediaTypeHeaderValue("application/x-sentry-envelope") },
                },
            };
            request.Headers.TryAddWithoutValidation("X-Sentry-Auth", _dsn.Authorisation);
            using var answer = await client.SendAsync(request, ct);
            if (answer.StatusCode == HttpStatusCode.TooManyRequests)
            {
                var pause = answer.Headers.RetryAfter?.Delta ?? TimeSpan.FromMinutes(1);
                _silentUntil = time.GetUtcNow() + (pause < TimeSpan.FromHours(1) ? pause : TimeSpan.FromHours(1));
            }
            Count(answer.IsSuccessStatusCode ? "sent" : "failed");
        }
        catch (Exception e) when (e is EgressException or HttpRequestException or IOException or OperationCanceledException)
        {
            Count("failed");
        }
    }

    // What cannot be written down does not leave: by the copies it is seen that reports hold nothing they must not.
    private async Task<bool> MayLeaveAsync(string report, CancellationToken ct)
    {
        var words = await NeverAsync(ct);
        if (words.Any(word => SecretForms.Of(word).IsMatch(report)))
        {
            return false;
        }
        var written = _copies?.Write(report.TrimEnd('\n')) != false;
        _copies?.Flush();
        return written;
    }

    private async ValueTask<IReadOnlyCollection<string>> NeverAsync(CancellationToken ct)
    {
        try
        {
            return await never(ct);
        }
        catch (Exception e) when (e is Npgsql.NpgsqlException or TimeoutException or IOException or InvalidOperationException)
        {
            // Errors are reported while the database is away, too.
            return SecretForms.Words;
        }
    }

    public override void Dispose()
    {
        _copies?.Dispose();
        base.Dispose();
    }

    // The same error many times over says no more than a few times.
    private bool IsOneTooMany(SentryEvent error)
    {
        lock (_seenLock)
        {
            var minute = time.GetUtcNow();
            if (minute - _minute >= TimeSpan.FromMinutes(1) || _seen.Count > 1000)
            {
                _minute = minute;
                _seen.Clear();
            }
            var count = _seen.GetValueOrDefault(error.Fingerprint) + 1;
            _seen[error.Fingerprint] = count;
            return count > MostAlikeInAMinute;
        }
    }

    private static void Count(string outcome) => Signals.ErrorReports.Add(1, new KeyValuePair<string, object?>("outcome", outcome));

    private sealed class Reporter(ErrorReports reports, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel is LogLevel.Error or LogLevel.Critical;

        public void Log<TState>(
            LogLevel logLevel,
            EventId eventId,
            TState state,
            Exception? exception,
            Func<TState, Exception?, string> formatter
        )
        {
            // Only what came through redaction is reported at all.
            if (!IsEnabled(logLevel) || Sending.Value || state is not LogState clean)
            {
                return;
            }
            var text = clean.ToString();
            reports.Add(
                new SentryEvent(reports.Now, logLevel, category, clean.Field("{OriginalFormat}") ?? text, text)
                {
                    ErrorType = clean.Field("Error"),
                    Stack = clean.Field("Stack"),
                    Exception = exception as ScrubbedException,
                    TraceId = Activity.Current?.TraceId.ToHexString(),
                }
            );
        }
    }

    private DateTimeOffset Now => time.GetUtcNow();
}
