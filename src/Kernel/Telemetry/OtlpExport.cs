using System.Globalization;
using Microsoft.Extensions.Hosting;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using Tenet.Kernel.Http;

namespace Tenet.Kernel.Telemetry;

/// <summary>Sends traces and metrics to the operator's collector (OTLP over HTTP). A collector that is gone costs what it missed, nothing else.</summary>
internal sealed class OtlpExport(TelemetryOptions options, Egress egress) : IHostedService, IDisposable
{
    internal static readonly string[] Meters =
    [
        Signals.Name,
        "Npgsql",
        "System.Runtime",
        "Microsoft.AspNetCore.Hosting",
        "Microsoft.AspNetCore.Server.Kestrel",
    ];

    private TracerProvider? _traces;
    private MeterProvider? _metrics;
    private DatabaseSpans? _database;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        var collector = options.OtlpEndpoint!;
        var resource = ResourceBuilder
            .CreateEmpty()
            .AddService("tenet", serviceVersion: Version, autoGenerateServiceInstanceId: true)
            .AddAttributes([new("deployment.environment.name", options.Environment)]);
        _traces = Sdk.CreateTracerProviderBuilder()
            .SetResourceBuilder(resource)
            .AddSource(Signals.Name)
            .SetSampler(new ParentBasedSampler(new TraceIdRatioBasedSampler(Math.Clamp(options.TraceRatio, 0, 1))))
            .AddProcessor(new SpanScrub())
            .AddOtlpExporter(otlp => Set(otlp, collector, "v1/traces"))
            .Build();
        _metrics = Sdk.CreateMeterProviderBuilder()
            .SetResourceBuilder(resource)
            .AddMeter(Meters)
            .AddView(_ => new MetricStreamConfiguration { TagKeys = Labels.OfMetrics })
            .AddOtlpExporter(
                (otlp, reader) =>
                {
                    Set(otlp, collector, "v1/metrics");
                    reader.PeriodicExportingMetricReaderOptions.ExportIntervalMilliseconds = options.MetricSeconds * 1000;
                }
            )
            .Build();
        _database = new DatabaseSpans();
        return Task.CompletedTask;
    }

    /// <summary>Sends what waits, for tests and at the end.</summary>
    public void Flush(TimeSpan atMost)
    {
        _traces?.ForceFlush((int)atMost.TotalMilliseconds);
        _metrics?.ForceFlush((int)atMost.TotalMilliseconds);
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        // A collector that hangs must not hold up the stop.
        _database?.Dispose();
        return Task.Run(
            () =>
            {
                _traces?.Shutdown(2000);
                _metrics?.Shutdown(2000);
            },
            CancellationToken.None
        );
    }

    public void Dispose()
    {
        _database?.Dispose();
        _traces?.Dispose();
        _metrics?.Dispose();
    }

    internal static string Version { get; } =
        typeof(OtlpExport).Assembly.GetName().Version?.ToString(3) ?? "0".ToString(CultureInfo.InvariantCulture);

    private void Set(OtlpExporterOptions otlp, Uri collector, string signal)
    {
        otlp.Endpoint = new Uri(new Uri(collector.AbsoluteUri.TrimEnd('/') + "/"), signal);
        otlp.Protocol = OtlpExportProtocol.HttpProtobuf;
        otlp.Headers = options.OtlpHeaders;
        otlp.TimeoutMilliseconds = 10_000;
        otlp.HttpClientFactory = () =>
            egress.Client(
                new EgressPolicy("telemetry")
                {
                    OperatorHost = $"{collector.IdnHost}:{collector.Port}",
                    TotalTime = TimeSpan.FromSeconds(10),
                }
            );
    }
}
