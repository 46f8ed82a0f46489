using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Tenet.Tests.Support;

/// <summary>Everything a host writes to its log: message, fields, scopes and exceptions.</summary>
internal sealed class CapturedLogs : ILoggerProvider, ISupportExternalScope
{
    private IExternalScopeProvider? _scopes;

    public ConcurrentQueue<string> Lines { get; } = [];

    public ILogger CreateLogger(string categoryName) => new Captured(this, categoryName);

    public void SetScopeProvider(IExternalScopeProvider scopeProvider) => _scopes = scopeProvider;

    public void Dispose() { }

    private sealed class Captured(CapturedLogs logs, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => logs._scopes?.Push(state);

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel,
            EventId eventId,
            TState state,
            Exception? exception,
            Func<TState, Exception?, string> formatter
        )
        {
            var fields = state is IEnumerable<KeyValuePair<string, object?>> named ? string.Join(' ', named) : "";
            var line = $"{logLevel} {category} {formatter(state, exception)} {fields} {exception}";
            logs._scopes?.ForEachScope((scope, _) => line += " " + scope, 0);
            logs.Lines.Enqueue(line);
        }
    }
}
