using System.Collections.Concurrent;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Tenet.Kernel.Telemetry;

namespace Tenet.Tests.Support;

/// <summary>Everything to which a host tells how it fares: an OTLP collector, a Sentry and a folder of log files.</summary>
internal sealed class TelemetrySinks : IAsyncDisposable
{
    private readonly DirectoryInfo _logs = Directory.CreateTempSubdirectory("tenet-logs-");
    private LoopbackSite _site = null!;

    /// <summary>Bodies as they came: OTLP's protobuf holds its texts as they are.</summary>
    public ConcurrentQueue<string> Traces { get; } = [];
    public ConcurrentQueue<string> Metrics { get; } = [];
    public ConcurrentQueue<string> Reports { get; } = [];
    public ConcurrentQueue<string> Headers { get; } = [];

    /// <summary>What the error reports' server answers.</summary>
    public Func<IResult> Answer { get; set; } = () => Results.Ok();

    public TelemetryOptions Options =>
        new()
        {
            OtlpEndpoint = _site.Address,
            OtlpHeaders = "x-collector=key-of-the-collector",
            ErrorDsn = $"http://publickey@{_site.Address.Authority}/7",
            LogFolder = _logs.FullName,
            MetricSeconds = 3600,
        };

    public IEnumerable<string> LogLines => _logs.GetFiles().SelectMany(file => File.ReadAllLines(file.FullName));

    public static async Task<TelemetrySinks> StartAsync()
    {
        var sinks = new TelemetrySinks();
        sinks._site = await LoopbackSite.StartAsync(routes =>
        {
            routes.MapPost("/v1/traces", http => sinks.TakeAsync(http, sinks.Traces));
            routes.MapPost("/v1/metrics", http => sinks.TakeAsync(http, sinks.Metrics));
            routes.MapPost(
                "/api/7/envelope/",
                async (HttpContext http) =>
                {
                    await sinks.TakeAsync(http, sinks.Reports);
                    return sinks.Answer();
                }
            );
        });
        return sinks;
    }

    private async Task TakeAsync(HttpContext http, ConcurrentQueue<string> into)
    {
        using var body = new MemoryStream();
        await http.Request.Body.CopyToAsync(body);
        Headers.Enqueue(string.Join('\n', http.Request.Headers.Select(header => $"{header.Key}: {header.Value}")));
        into.Enqueue(Encoding.UTF8.GetString(body.ToArray()));
    }

    public async ValueTask DisposeAsync()
    {
        await _site.DisposeAsync();
        if (Directory.Exists(_logs.FullName))
        {
            _logs.Delete(recursive: true);
        }
    }
}
