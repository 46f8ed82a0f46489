using System.Diagnostics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Tenet.Kernel;
using Tenet.Kernel.Http;
using Tenet.Kernel.Jobs;
using Tenet.Kernel.Telemetry;
using Tenet.Kernel.Workspaces;
using Tenet.Tests.Support;
using Xunit;

namespace Tenet.Tests.Kernel.Telemetry;

public sealed class OtlpTests(TestCluster cluster) : IAsyncLifetime
{
    private const string Secret = "planted-90f2";
    private readonly CancellationToken _ct = TestContext.Current.CancellationToken;
    private TelemetrySinks _sinks = null!;
    private LoopbackSite _outside = null!;

    public async ValueTask InitializeAsync()
    {
        _sinks = await TelemetrySinks.StartAsync();
        _outside = await LoopbackSite.StartAsync(routes => routes.MapGet("/{**path}", () => "hello"));
    }

    [Fact]
    public async Task Requests_statements_jobs_and_outside_calls_are_traced_without_content()
    {
        await using var app = await StartAsync();
        var workspace = await app.OpenWorkspaceAsync();
        using var client = app.Client(workspace.Id);
        (await client.GetStringAsync($"/things/{Secret}?token={Secret}", _ct)).ShouldBe("done");
        using var failed = await client.GetAsync("/fails", _ct);
        await app.EnqueueAsync(workspace, "test.traced", _ct);
        await UntilAsync(app, _sinks.Traces, "job test.traced");

        var traces = string.Concat(_sinks.Traces);
        traces.ShouldContain("GET /things/{name}");
        traces.ShouldContain("db select");
        traces.ShouldContain("db other");
        traces.ShouldContain("22P02");
        traces.ShouldContain("egress test");
        traces.ShouldContain(workspace.Id.ToString());
        traces.ShouldNotContain(Secret);
        traces.ShouldNotContain("127.0.0.1");
        _sinks.Headers.ShouldContain(headers => headers.Contains("x-collector: key-of-the-collector"));
    }

    [Fact]
    public async Task Metrics_leave_with_known_labels_only()
    {
        await using var app = await StartAsync();
        var workspace = await app.OpenWorkspaceAsync();
        using var client = app.Client(workspace.Id);
        await client.GetStringAsync($"/things/{Secret}", _ct);
        Signals.Turns.Add(1, new("outcome", "Answered"), new("workspace", Secret), new("provider", "excerpts"));
        await UntilAsync(app, _sinks.Metrics, "tenet.jobs.waiting");

        var metrics = string.Concat(_sinks.Metrics);
        foreach (var name in new[] { "tenet.turns", "tenet.egress.duration", "http.server.request.duration", "db.client.connection" })
        {
            metrics.ShouldContain(name);
        }
        metrics.ShouldContain("/things/{name}");
        metrics.ShouldContain("tenet_app");
        metrics.ShouldNotContain(Secret);
        metrics.ShouldNotContain(workspace.Id.ToString());
        metrics.ShouldNotContain(workspace.Slug);
    }

    [Fact]
    public async Task A_caller_does_not_choose_the_trace()
    {
        await using var app = await StartAsync();
        using var client = app.Client();
        client.DefaultRequestHeaders.Add("traceparent", "00-11112222333344445555666677778888-1111222233334444-01");
        client.DefaultRequestHeaders.Add("tracestate", "vendor=" + Secret);
        client.DefaultRequestHeaders.Add("baggage", "who=" + Secret);
        await client.GetStringAsync("/trace", _ct);
        await UntilAsync(app, _sinks.Traces, "GET /trace");

        string.Concat(_sinks.Traces).ShouldNotContain(Secret);
        string.Concat(_sinks.Traces).ShouldNotContain("\x11\x11\x22\x22\x33\x33\x44\x44");
    }

    [Fact]
    public async Task A_collector_that_is_gone_stops_nobody()
    {
        var options = _sinks.Options;
        await _sinks.DisposeAsync();
        await using var app = await StartAsync(options);
        using var client = app.Client();
        (await client.GetStringAsync("/trace", _ct)).ShouldNotBeEmpty();
        await app.StopAsync();
    }

    [Fact]
    public void A_span_loses_labels_that_nobody_has_looked_at()
    {
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == Signals.Name,
            Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
        };
        ActivitySource.AddActivityListener(listener);
        using var scrub = new SpanScrub();
        using var span = Signals.Begin("test")!;
        span.SetTag("email", Secret).SetTag("kind", "knowledge.crawl").SetTag("outcome", new Uri("https://shop.test/" + Secret));
        span.SetStatus(ActivityStatusCode.Error, Secret);
        scrub.OnEnd(span);

        span.TagObjects.ShouldHaveSingleItem().Key.ShouldBe("kind");
        (span.Status, span.StatusDescription).ShouldBe((ActivityStatusCode.Error, null));
        span.Recorded.ShouldBeTrue();
        span.AddEvent(new ActivityEvent(Secret));
        scrub.OnEnd(span);
        span.Recorded.ShouldBeFalse();
    }

    private async Task<KernelApp> StartAsync(TelemetryOptions? options = null) =>
        await KernelApp.StartAsync(
            cluster,
            await cluster.CreateDatabaseAsync(),
            services => services.AddJob<Traced>("test.traced"),
            routes =>
            {
                routes
                    .MapGet(
                        "/things/{name}",
                        async (string name, SystemScope system, Egress egress, CancellationToken ct) =>
                        {
                            await system.RunAsync(s => s.ScalarAsync<string>($"select {name}", ct), ct);
                            await egress.Client(new EgressPolicy("test")).GetStringAsync(new Uri(_outside.Address, $"{name}?q={name}"), ct);
                            return "done";
                        }
                    )
                    .AllowAnonymous();
                routes
                    .MapGet(
                        "/fails",
                        (SystemScope system, CancellationToken ct) =>
                            system.RunAsync(s => s.ScalarAsync<Guid>($"values ({Secret}::uuid)", ct), ct)
                    )
                    .AllowAnonymous();
                routes.MapGet("/trace", () => Activity.Current?.TraceId.ToHexString() ?? "").AllowAnonymous();
            },
            kernel =>
                kernel with
                {
                    Telemetry = options ?? _sinks.Options,
                    Egress = new EgressOptions { Loopback = [_outside.Address.Authority] },
                }
        );

    private async Task UntilAsync(KernelApp app, IEnumerable<string> sink, string text) =>
        await Eventually.HoldsAsync(
            () =>
            {
                app.Services.GetRequiredService<OtlpExport>().Flush(TimeSpan.FromSeconds(5));
                return string.Concat(sink).Contains(text, StringComparison.Ordinal);
            },
            $"\"{text}\" is exported",
            _ct
        );

    public async ValueTask DisposeAsync()
    {
        await _sinks.DisposeAsync();
        await _outside.DisposeAsync();
    }

    private sealed class Traced : IJob
    {
        public Task RunAsync(JobRun job, CancellationToken ct) => Task.CompletedTask;
    }
}
