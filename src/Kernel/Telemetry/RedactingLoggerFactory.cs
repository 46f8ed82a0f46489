using Microsoft.Extensions.Logging;

namespace Tenet.Kernel.Telemetry;

/// <summary>Stands before every sink: whatever is logged, by Tenet or by a library, is redacted once before any provider sees it.</summary>
internal sealed class RedactingLoggerFactory(LoggerFactory inner) : ILoggerFactory
{
    public ILogger CreateLogger(string categoryName) => new Redacting(inner.CreateLogger(categoryName), IsOwn(categoryName));

    public void AddProvider(ILoggerProvider provider) => inner.AddProvider(provider);

    public void Dispose() => inner.Dispose();

    private static bool IsOwn(string category) =>
        category.StartsWith("Tenet.", StringComparison.Ordinal) || category.Equals("tenet", StringComparison.Ordinal);

    private sealed class Redacting(ILogger inner, bool isOwn) : ILogger
    {
        public bool IsEnabled(LogLevel logLevel) => inner.IsEnabled(logLevel);

        // A scope may be begun by anybody around lines of Tenet's own, with a request's path in it: its texts never stay.
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => inner.BeginScope(LogState.Of(state, isOwn: false, () => Redactor.Text));

        public void Log<TState>(
            LogLevel logLevel,
            EventId eventId,
            TState state,
            Exception? exception,
            Func<TState, Exception?, string> formatter
        )
        {
            if (!inner.IsEnabled(logLevel))
            {
                return;
            }
            var scrubbed = exception is null ? null : ScrubbedException.Of(exception);
            var clean = LogState.Of(state, isOwn, () => formatter(state, scrubbed));
            inner.Log(logLevel, eventId, clean, scrubbed, static (line, _) => line.ToString());
        }
    }
}
