using System.Diagnostics;
using Npgsql;

namespace Tenet.Kernel.Telemetry;

/// <summary>
/// Npgsql's own spans carry the statement's text and, of a failure, PostgreSQL's message, which quotes values. So they are not exported: each is
/// told again with its times, the kind of statement and the SQLSTATE.
/// </summary>
internal sealed class DatabaseSpans : IDisposable
{
    private static readonly string[] Operations = ["select", "insert", "update", "delete", "with", "copy", "begin", "commit", "rollback"];
    private readonly ActivityListener _listener;

    public DatabaseSpans()
    {
        _listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "Npgsql",
            // Only inside what is traced already.
            Sample = static (ref ActivityCreationOptions<ActivityContext> options) =>
                (options.Parent.TraceFlags & ActivityTraceFlags.Recorded) != ActivityTraceFlags.None
                    ? ActivitySamplingResult.AllDataAndRecorded
                    : ActivitySamplingResult.None,
            ActivityStopped = Tell,
        };
        ActivitySource.AddActivityListener(_listener);
    }

    private static void Tell(Activity npgsql)
    {
        var parent = new ActivityContext(npgsql.TraceId, npgsql.ParentSpanId, npgsql.ActivityTraceFlags);
        var operation = OperationOf(npgsql);
        var around = Activity.Current;
        using (
            var span = Signals.Source.StartActivity(
                "db " + operation,
                ActivityKind.Client,
                parent,
                startTime: new DateTimeOffset(npgsql.StartTimeUtc)
            )
        )
        {
            if (span is not null)
            {
                span.SetTag("db.system.name", "postgresql");
                span.SetTag("db.operation.name", operation);
                if (npgsql.Status == ActivityStatusCode.Error)
                {
                    span.SetStatus(ActivityStatusCode.Error);
                    span.SetTag("db.response.status_code", StateOf(npgsql));
                }
                span.SetEndTime(npgsql.StartTimeUtc + npgsql.Duration);
            }
        }
        Activity.Current = around;
    }

    private static string OperationOf(Activity npgsql)
    {
        var text = (npgsql.GetTagItem("db.query.text") ?? npgsql.GetTagItem("db.statement")) as string;
        if (text is null)
        {
            return npgsql.DisplayName.StartsWith("CONNECT", StringComparison.OrdinalIgnoreCase) ? "connect" : "batch";
        }
        var first = text.AsSpan().TrimStart();
        foreach (var operation in Operations)
        {
            if (first.StartsWith(operation, StringComparison.OrdinalIgnoreCase))
            {
                return operation;
            }
        }
        return "other";
    }

    private static string? StateOf(Activity npgsql) =>
        npgsql.GetTagItem("db.response.status_code") is string { Length: 5 } state && state.All(char.IsAsciiLetterOrDigit) ? state : null;

    public void Dispose() => _listener.Dispose();
}
