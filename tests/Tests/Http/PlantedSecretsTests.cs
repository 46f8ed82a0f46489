using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;
using Shouldly;
using Tenet.Kernel;
using Tenet.Kernel.Http;
using Tenet.Kernel.Jobs;
using Tenet.Kernel.Telemetry;
using Tenet.Kernel.Workspaces;
using Tenet.Tests.Support;
using Xunit;

namespace Tenet.Tests.Http;

/// <summary>500 secrets and personal values go through everything that takes some; logs, log files, traces, metrics and error reports hold none.</summary>
public sealed class PlantedSecretsTests(TestCluster cluster) : IAsyncLifetime
{
    private readonly CancellationToken _ct = TestContext.Current.CancellationToken;
    private readonly PlantedSecrets _secrets = new();
    private readonly CapturedLogs _logs = new();
    private TelemetrySinks _sinks = null!;

    public async ValueTask InitializeAsync() => _sinks = await TelemetrySinks.StartAsync();

    [Fact]
    public async Task None_comes_out_of_any_endpoint()
    {
        await using (
            var host = await cluster.StartHostAsync(builder =>
            {
                builder.Services.AddTelemetry(_sinks.Options, isServing: true);
                // As the program logs for its operator, and the log of each request on top.
                builder.Logging.AddProvider(_logs).SetMinimumLevel(LogLevel.Information).AddFilter("Tenet", LogLevel.Debug);
            })
        )
        {
            var json = MappedEndpoint.JsonOf(host);
            var endpoints = MappedEndpoint.Of(host);
            endpoints.Count.ShouldBeGreaterThan(30);
            foreach (var endpoint in endpoints)
            {
                // Callers of its own: some endpoints end a session.
                using var callers = await Callers.OfAsync(host);
                foreach (var body in Bodies(endpoint, json))
                {
                    await SendAsync(callers, endpoint, body);
                }
            }
            using var last = await Callers.OfAsync(host);
            await last.Visitor.SayAsync(_secrets.Next());
            await last.Visitor.UntilAnsweredAsync();
            await FlushAsync(host.Services);
        }
        Check();
        _sinks.Traces.ShouldContain(body => body.Contains("POST /api/widget/messages", StringComparison.Ordinal));
        _sinks.Traces.ShouldContain(body => body.Contains("job ", StringComparison.Ordinal));
        _sinks.Metrics.ShouldContain(body => body.Contains("tenet.turns", StringComparison.Ordinal));
    }

    [Fact]
    public async Task None_comes_out_of_an_exception_or_a_job()
    {
        var failures = Failures();
        await using (
            var app = await KernelApp.StartAsync(
                cluster,
                await cluster.CreateDatabaseAsync(),
                services =>
                {
                    services.AddLogging(logging => logging.AddProvider(_logs).SetMinimumLevel(LogLevel.Information));
                    services.AddSingleton<Func<Exception>>(() => failures[_secrets.Used % failures.Length](_secrets.Next()));
                    services.AddJob<Failing>("test.failing", maxAttempts: 1);
                },
                routes =>
                {
                    routes.MapGet("/throws/{number:int}", string (int number) => throw failures[number](_secrets.Next())).AllowAnonymous();
                    routes
                        .MapGet(
                            "/sql",
                            (SystemScope system, CancellationToken ct) =>
                                system.RunAsync(s => s.ScalarAsync<Guid>($"values ({_secrets.Next()}::uuid)", ct), ct)
                        )
                        .AllowAnonymous();
                    routes
                        .MapGet(
                            "/calls",
                            (Egress egress, CancellationToken ct) =>
                                egress
                                    .Client(new EgressPolicy("test"))
                                    .GetStringAsync($"http://127.0.0.1:1/{_secrets.Mark()}?k={_secrets.Mark()}", ct)
                        )
                        .AllowAnonymous();
                    routes.MapGet("/logs", LogEverything).AllowAnonymous();
                },
                kernel => kernel with { Telemetry = _sinks.Options }
            )
        )
        {
            using var client = app.Client();
            var workspace = await app.OpenWorkspaceAsync();
            for (var round = 0; _secrets.Used < PlantedSecrets.Count; round++)
            {
                foreach (
                    var path in Enumerable
                        .Range(0, failures.Length)
                        .Select(n => $"/throws/{n}")
                        .Append("/sql")
                        .Append("/calls")
                        .Append("/logs")
                )
                {
                    using var answer = await client.GetAsync($"{path}?q={_secrets.Mark()}", _ct);
                    PlantedSecrets.In([await answer.Content.ReadAsStringAsync(_ct)]).ShouldBeEmpty(path);
                }
                await app.EnqueueAsync(workspace, "test.failing", _ct);
            }
            await Eventually.HoldsAsync(
                () =>
                    app.System.RunAsync(
                        s =>
                            s.ScalarAsync<bool>(
                                $"select not exists (select from kernel.job where kind = 'test.failing' and dead_at is null)",
                                _ct
                            ),
                        _ct
                    ),
                "every job has failed",
                _ct
            );
            await FlushAsync(app.Services);
        }
        Check();
        _sinks.Reports.ShouldContain(report => report.Contains("InvalidOperationException", StringComparison.Ordinal));
        _logs.Lines.ShouldContain(line => line.Contains("test.failing", StringComparison.Ordinal));
    }

    [Fact]
    public void One_that_came_out_would_be_found()
    {
        PlantedSecrets.In([$"GET /?q={Uri.EscapeDataString(_secrets.Next())}"]).Count.ShouldBe(1);
        PlantedSecrets.In([_secrets.Next().ToUpperInvariant()]).Count.ShouldBe(1);
    }

    private void Check()
    {
        _secrets.Used.ShouldBe(PlantedSecrets.Count);
        PlantedSecrets.In(_logs.Lines).ShouldBeEmpty();
        PlantedSecrets.In(_sinks.LogLines).ShouldBeEmpty();
        PlantedSecrets.In(_sinks.Traces).ShouldBeEmpty();
        PlantedSecrets.In(_sinks.Metrics).ShouldBeEmpty();
        PlantedSecrets.In(_sinks.Reports).ShouldBeEmpty();
        // Each sink was open.
        _sinks.LogLines.Count().ShouldBeGreaterThan(3);
        _sinks.Traces.ShouldNotBeEmpty();
        _sinks.Metrics.ShouldContain(body => body.Contains("http.server.request.duration", StringComparison.Ordinal));
        _sinks.Reports.ShouldNotBeEmpty();
    }

    private async Task FlushAsync(IServiceProvider services)
    {
        // Proof that the way to the reports is open, whatever failed before.
        services.GetRequiredService<ILoggerFactory>().CreateLogger("Tenet.Test").LogError("The end of the test");
        await Eventually.HoldsAsync(
            () => _sinks.Reports.Any(report => report.Contains("The end of the test")),
            "the last report is sent",
            _ct
        );
        services.GetRequiredService<OtlpExport>().Flush(TimeSpan.FromSeconds(30));
    }

    private void LogEverything(ILoggerFactory loggers)
    {
        foreach (var category in new[] { "Tenet.Test", "Microsoft.AspNetCore.Server.Kestrel", "Npgsql.Connection" })
        {
            var logger = loggers.CreateLogger(category);
            using var scope = logger.BeginScope(new Dictionary<string, object> { ["RequestPath"] = "/" + _secrets.Mark() });
            logger.LogError(new HttpRequestException(_secrets.Next(), new SocketException()), "A call failed");
            logger.LogWarning("Sent {Letter}", new Tenet.Kernel.Mail.Letter(_secrets.Next(), _secrets.Next(), _secrets.Next()));
            logger.LogWarning("Many {Letters}", new[] { new Tenet.Kernel.Mail.Letter(_secrets.Next(), _secrets.Next(), _secrets.Next()) });
        }
        loggers.CreateLogger("Npgsql.Command").LogWarning("Executing {Sql}", _secrets.Next());
        Signals.Turns.Add(1, new("who", _secrets.Next()), new("outcome", "Answered"));
        using var span = Signals.Begin("test");
        span?.SetTag("question", _secrets.Next()).SetStatus(System.Diagnostics.ActivityStatusCode.Error, _secrets.Next());
        span?.AddException(new InvalidOperationException(_secrets.Next()));
    }

    private static Func<string, Exception>[] Failures() =>
        [
            secret => new InvalidOperationException(secret),
            secret => new IOException("outer", new InvalidOperationException(secret)),
            secret => new AggregateException(new ArgumentException(secret), new FormatException(secret)),
            secret => new JsonException(secret),
            secret => new HttpRequestException($"GET {secret} failed"),
            secret => new PostgresException(secret, "ERROR", "ERROR", "22P02", detail: secret, where: secret),
            secret => new NpgsqlException(secret, new SocketException()),
            secret => new System.Net.Mail.SmtpFailedRecipientException(System.Net.Mail.SmtpStatusCode.MailboxBusy, secret, secret),
            secret => new EgressException(EgressFailure.Unreachable, new HttpRequestException(secret)),
            secret => new KeyNotFoundException(secret),
            secret => new Secretive(secret),
        ];

    private IEnumerable<HttpContent?> Bodies(MappedEndpoint endpoint, JsonSerializerOptions json)
    {
        yield return null;
        if (endpoint.Method is "GET" or "HEAD")
        {
            yield break;
        }
        yield return Json($"{{\"{_secrets.Mark()}\":\"{_secrets.Next()}\"}}");
        yield return Json($"{{\"text\":\"{_secrets.Next()}");
        yield return new FormUrlEncodedContent([new("email", _secrets.Mark() + "@example.com"), new("token", _secrets.Next())]);
        using var file = new MultipartFormDataContent { { new StringContent(_secrets.Next()), "file", _secrets.Mark() + ".txt" } };
        yield return file;
        if (endpoint.BodyType is { } type)
        {
            var body = SampleBody.Of(type, json);
            foreach (var (name, _) in SampleBody.Fields(type, json).Where(field => field.Type == typeof(string)))
            {
                body[name] = body[name]?.GetValue<string>() switch
                {
                    { } url when url.StartsWith("https:", StringComparison.Ordinal) =>
                        $"https://{_secrets.Mark()}.test/{_secrets.Mark()}?token={_secrets.Mark()}",
                    { } mail when mail.Contains('@', StringComparison.Ordinal) => $"{_secrets.Mark()}@example.com",
                    "A text" => _secrets.Next(),
                    var other => other,
                };
            }
            yield return Json(body.ToJsonString());
        }
    }

    private static StringContent Json(string text) => new(text, Encoding.UTF8, "application/json");

    private async Task SendAsync(Callers callers, MappedEndpoint endpoint, HttpContent? body)
    {
        // What is made once cannot be sent twice, so the two kinds of id take turns.
        var id = _secrets.Used % 2 == 0 ? Guid.CreateVersion7().ToString() : _secrets.Mark();
        using var request = new HttpRequestMessage(
            new HttpMethod(endpoint.Method),
            callers.AddressOf(endpoint, id) + $"?q={_secrets.Mark()}&email={_secrets.Mark()}@example.com"
        )
        {
            Content = body,
        };
        foreach (
            var header in new[]
            {
                "X-Anything",
                "Last-Event-ID",
                "User-Agent",
                "Idempotency-Key",
                "baggage",
                "tracestate",
                "X-Forwarded-For",
            }
        )
        {
            request.Headers.TryAddWithoutValidation(header, _secrets.Mark());
        }
        request.Headers.TryAddWithoutValidation("Referer", "https://shop.test/" + _secrets.Mark());
        // A stream of events never ends: its headers will do.
        using var answer = await callers.Of(endpoint).SendAsync(request, HttpCompletionOption.ResponseHeadersRead, _ct);
    }

    public async ValueTask DisposeAsync()
    {
        await _sinks.DisposeAsync();
        _logs.Dispose();
    }

    private sealed class Failing(Func<Exception> failure) : IJob
    {
        public Task RunAsync(JobRun job, CancellationToken ct) => throw failure();
    }

    private sealed class Secretive(string secret) : Exception
    {
        public override string Message => secret;

        public override string ToString() => secret;
    }
}
