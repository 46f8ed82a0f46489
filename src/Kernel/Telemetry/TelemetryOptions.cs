namespace Tenet.Kernel.Telemetry;

/// <summary>Where Tenet tells the operator how it fares. Everything here is off until it is named.</summary>
public sealed record TelemetryOptions
{
    /// <summary>Folder of the log files; null writes none.</summary>
    public string? LogFolder { get; init; }

    /// <summary>The private PostgreSQL's log, whose old lines go with Tenet's own; null when there is none.</summary>
    public string? ServerLog { get; init; }

    /// <summary>Days after which a log file is deleted.</summary>
    public LogAge Age { get; init; } = new();

    /// <summary>Size at which a day's file is continued in another.</summary>
    public int LogMegabytes { get; init; } = 50;

    /// <summary>An OpenTelemetry collector that takes OTLP over HTTP with protobuf: <c>http://127.0.0.1:4318</c>.</summary>
    public Uri? OtlpEndpoint { get; init; }

    /// <summary>Sent with every export, as OpenTelemetry writes them: <c>authorization=Bearer …,x-scope=tenet</c>.</summary>
    public string? OtlpHeaders { get; init; }

    /// <summary>The share of requests, jobs and turns that are traced, 0 to 1.</summary>
    public double TraceRatio { get; init; } = 1;

    /// <summary>Seconds between two exports of the metrics.</summary>
    public int MetricSeconds { get; init; } = 30;

    /// <summary>A Sentry DSN, <c>https://KEY@HOST/PROJECT</c>: errors are reported there, scrubbed.</summary>
    public string? ErrorDsn { get; init; }

    /// <summary>Tells installations of one operator apart: <c>production</c>, <c>trial</c>.</summary>
    public string Environment { get; init; } = "production";
}
