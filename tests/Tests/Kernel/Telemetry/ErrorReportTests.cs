using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Shouldly;
using Tenet.Kernel.Telemetry;
using Tenet.Kernel.Workspaces;
using Tenet.Tests.Support;
using Xunit;

namespace Tenet.Tests.Kernel.Telemetry;

public sealed class ErrorReportTests(TestCluster cluster) : IAsyncLifetime
{
    private const string Secret = "planted-3c77";
    private readonly CancellationToken _ct = TestContext.Current.CancellationToken;
    private TelemetrySinks _sinks = null!;
    private KernelApp _app = null!;

    public async ValueTask InitializeAsync()
    {
        _sinks = await TelemetrySinks.StartAsync();
        _app = await KernelApp.StartAsync(
            cluster,
            await cluster.CreateDatabaseAsync(),
            map: routes =>
                routes
                    .MapGet(
                        "/fails",
                        (SystemScope system, CancellationToken ct) =>
                            system.RunAsync(s => s.ScalarAsync<Guid>($"values ({Secret}::uuid)", ct), ct)
                    )
                    .AllowAnonymous(),
            options: kernel => kernel with { Telemetry = _sinks.Options }
        );
    }

    private ILogger Logger => _app.Services.GetRequiredService<ILoggerFactory>().CreateLogger("Tenet.Test");

    [Fact]
    public async Task A_failed_request_is_reported_with_its_type_and_frames_and_without_its_content()
    {
        using var client = _app.Client();
        using var answer = await client.GetAsync($"/fails?token={Secret}", _ct);
        var report = await NextAsync();

        var lines = report.Split('\n');
        lines.Length.ShouldBe(4);
        using var header = JsonDocument.Parse(lines[0]);
        using var item = JsonDocument.Parse(lines[1]);
        item.RootElement.GetProperty("type").GetString().ShouldBe("event");
        item.RootElement.GetProperty("length").GetInt32().ShouldBe(System.Text.Encoding.UTF8.GetByteCount(lines[2]));
        using var body = JsonDocument.Parse(lines[2]);
        body.RootElement.GetProperty("event_id").GetString().ShouldBe(header.RootElement.GetProperty("event_id").GetString());
        body.RootElement.GetProperty("level").GetString().ShouldBe("error");
        var error = body.RootElement.GetProperty("exception").GetProperty("values")[0];
        error.GetProperty("type").GetString().ShouldBe("PostgresException");
        error.GetProperty("stacktrace").GetProperty("frames").GetArrayLength().ShouldBeGreaterThan(2);
        report.ShouldContain("22P02");
        report.ShouldNotContain(Secret);
        report.ShouldNotContain(Environment.MachineName);
        _sinks.Headers.ShouldContain(headers => headers.Contains("sentry_key=publickey", StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_exception_in_an_exception_is_reported_innermost_first()
    {
        Logger.LogError(new InvalidOperationException(Secret, new TimeoutException(Secret)), "Two of them");
        var report = await NextAsync();

        using var body = JsonDocument.Parse(report.Split('\n')[2]);
        var values = body.RootElement.GetProperty("exception").GetProperty("values").EnumerateArray();
        values
            .Select(value => value.GetProperty("type").GetString())
            .ShouldBe(["System.TimeoutException", "System.InvalidOperationException"]);
        report.ShouldNotContain(Secret);
    }

    [Fact]
    public async Task The_same_error_again_and_again_is_reported_a_few_times()
    {
        for (var n = 0; n < 200; n++)
        {
            Logger.LogError("The same");
        }
        Logger.LogError("Another");
        await Eventually.HoldsAsync(() => _sinks.Reports.Any(report => report.Contains("Another")), "the other is sent", _ct);

        _sinks.Reports.Count(report => report.Contains("The same")).ShouldBe(5);
    }

    [Fact]
    public async Task A_server_that_refuses_is_left_alone_and_nothing_is_said_about_it()
    {
        _sinks.Answer = () => Results.StatusCode(429);
        Logger.LogError("First");
        await NextAsync();
        Logger.LogError("Second");
        Logger.LogWarning("No error");
        await _app.StopAsync();

        _sinks.Reports.Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_server_that_is_gone_makes_nobody_wait()
    {
        await _sinks.DisposeAsync();
        for (var n = 0; n < 1000; n++)
        {
            Logger.LogError("Error {Number}", n);
        }
        using var client = _app.Client();
        (await client.GetAsync("/health/live", _ct)).IsSuccessStatusCode.ShouldBeTrue();
    }

    [Fact]
    public async Task What_waits_is_sent_when_the_node_stops()
    {
        Logger.LogCritical("The last words");
        await _app.StopAsync();

        _sinks.Reports.ShouldHaveSingleItem().ShouldContain("fatal");
    }

    [Theory]
    [InlineData("https://abc@sentry.test/12", "https://sentry.test/api/12/envelope/")]
    [InlineData("https://abc:def@sentry.test:9000/under/12", "https://sentry.test:9000/under/api/12/envelope/")]
    public void A_DSN_says_where_envelopes_go(string dsn, string envelope) => SentryDsn.Parse(dsn).Envelope.AbsoluteUri.ShouldBe(envelope);

    [Theory]
    [InlineData("")]
    [InlineData("https://sentry.test/12")]
    [InlineData("https://abc@sentry.test/")]
    [InlineData("https://abc@sentry.test/planted-3c77")]
    [InlineData("file://abc@sentry.test/12")]
    public void What_is_no_DSN_is_refused_without_being_repeated(string dsn) =>
        Should.Throw<InvalidOperationException>(() => SentryDsn.Parse(dsn)).Message.ShouldNotContain("planted");

    private async Task<string> NextAsync()
    {
        await Eventually.HoldsAsync(() => !_sinks.Reports.IsEmpty, "an error is reported", _ct);
        return _sinks.Reports.First();
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        await _sinks.DisposeAsync();
    }
}
