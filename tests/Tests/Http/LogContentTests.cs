using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;
using Shouldly;
using Tenet.Kernel.Workspaces;
using Tenet.Tests.Support;
using Xunit;

namespace Tenet.Tests.Http;

/// <summary>Secrets are planted wherever a request can carry one, at every endpoint, and looked for in the log.</summary>
public sealed class LogContentTests(TestCluster cluster)
{
    private const string Secret = "planted-7c1e9b";
    private readonly CancellationToken _ct = TestContext.Current.CancellationToken;

    [Fact]
    public async Task Nothing_that_a_request_carries_comes_into_the_log()
    {
        using var logs = new CapturedLogs();
        await using var host = await cluster.StartHostAsync(builder =>
        {
            // As the program logs for its operator, and the log of each request on top.
            builder.Logging.AddProvider(logs).SetMinimumLevel(LogLevel.Information).AddFilter("Tenet", LogLevel.Debug);
        });
        using var callers = await Callers.OfAsync(host);
        var json = MappedEndpoint.JsonOf(host);

        foreach (var endpoint in MappedEndpoint.Of(host))
        {
            foreach (var body in Bodies(endpoint, json))
            {
                foreach (var id in new[] { Guid.CreateVersion7().ToString(), Secret })
                {
                    await SendAsync(callers, endpoint, id, body());
                }
            }
        }
        // Time for what requests have set off.
        await Task.Delay(TimeSpan.FromSeconds(1), _ct);

        logs.Lines.Count(line => line.Contains("RequestLog", StringComparison.Ordinal)).ShouldBeGreaterThan(20);
        logs.Lines.Where(line => line.Contains(Secret, StringComparison.OrdinalIgnoreCase)).ShouldBeEmpty();
    }

    [Fact]
    public async Task Nothing_of_a_fault_comes_into_the_log_or_the_answer_but_where_and_what_kind_it_was()
    {
        using var logs = new CapturedLogs();
        await using var app = await KernelApp.StartAsync(
            cluster,
            await cluster.CreateDatabaseAsync(),
            services => services.AddLogging(logging => logging.AddProvider(logs).SetMinimumLevel(LogLevel.Information)),
            routes =>
            {
                routes.MapGet("/own", string () => throw new InvalidOperationException("It is " + Secret)).AllowAnonymous();
                routes
                    .MapGet("/inner", string () => throw new IOException("outer", new InvalidOperationException(Secret)))
                    .AllowAnonymous();
                routes
                    .MapGet(
                        "/sql",
                        async (SystemScope system) =>
                            await system.RunAsync(s => s.ScalarAsync<Guid>($"select {Secret}::uuid", default), default)
                    )
                    .AllowAnonymous();
                routes
                    .MapGet(
                        "/detail",
                        async (SystemScope system) =>
                            await system.RunAsync(
                                s =>
                                    s.ExecuteAsync(
                                        $"insert into kernel.workspace (id, name, slug) values ({Guid.Empty}, {Secret}, {"Not a slug"})",
                                        default
                                    ),
                                default
                            )
                    )
                    .AllowAnonymous();
            }
        );
        using var client = app.Client();

        foreach (var path in new[] { "/own", "/inner", "/sql", "/detail" })
        {
            using var answer = await client.GetAsync(path, _ct);
            ((int)answer.StatusCode).ShouldBe(500, path);
            (await answer.Content.ReadAsStringAsync(_ct)).ShouldNotContain(Secret);
        }

        logs.Lines.Where(line => line.Contains(Secret, StringComparison.OrdinalIgnoreCase)).ShouldBeEmpty();
        logs.Lines.ShouldContain(line => line.Contains(nameof(InvalidOperationException), StringComparison.Ordinal));
        logs.Lines.ShouldContain(line => line.Contains(PostgresErrorCodes.CheckViolation, StringComparison.Ordinal));
    }

    [Fact]
    public void A_secret_in_a_message_a_field_a_scope_or_an_exception_would_be_found()
    {
        using var logs = new CapturedLogs();
        using var factory = LoggerFactory.Create(logging => logging.AddProvider(logs));
        var logger = factory.CreateLogger("test");
        using (logger.BeginScope("in a scope: {Text}", Secret))
        {
            logger.LogInformation("nothing here");
        }
        logger.LogInformation("in a message: {Text}", Secret);
        logger.LogError(new InvalidOperationException(Secret), "in an exception");

        logs.Lines.Count(line => line.Contains(Secret, StringComparison.Ordinal)).ShouldBe(3);
    }

    private static IEnumerable<Func<HttpContent?>> Bodies(MappedEndpoint endpoint, System.Text.Json.JsonSerializerOptions json)
    {
        yield return () => null;
        if (endpoint.Method is "GET" or "HEAD")
        {
            yield break;
        }
        yield return () => Json($"{{\"{Secret}\":\"{Secret}\"}}");
        yield return () => Json($"{{\"text\":\"{Secret}");
        yield return () => new FormUrlEncodedContent([new("email", Secret), new("token", Secret), new("returnUrl", Secret)]);
        if (endpoint.BodyType is { } type)
        {
            var body = SampleBody.Of(type, json);
            foreach (var (name, _) in SampleBody.Fields(type, json).Where(field => field.Type == typeof(string)))
            {
                body[name] = body[name]?.GetValue<string>() switch
                {
                    { } url when url.StartsWith("https:", StringComparison.Ordinal) => $"https://shop.test/{Secret}?token={Secret}",
                    { } mail when mail.Contains('@', StringComparison.Ordinal) => $"{Secret}@example.com",
                    "A text" => Secret,
                    var other => other,
                };
            }
            yield return () => Json(body.ToJsonString());
        }
    }

    private static StringContent Json(string text) => new(text, Encoding.UTF8, "application/json");

    private async Task SendAsync(Callers callers, MappedEndpoint endpoint, string id, HttpContent? body)
    {
        using var request = new HttpRequestMessage(
            new HttpMethod(endpoint.Method),
            callers.AddressOf(endpoint, id) + $"?q={Secret}&email={Secret}"
        )
        {
            Content = body,
        };
        request.Headers.TryAddWithoutValidation("X-Anything", Secret);
        request.Headers.TryAddWithoutValidation("Referer", "https://shop.test/" + Secret);
        request.Headers.TryAddWithoutValidation("Last-Event-ID", Secret);
        request.Headers.TryAddWithoutValidation("User-Agent", Secret);
        // A stream of events never ends: its headers will do.
        using var answer = await callers.Of(endpoint).SendAsync(request, HttpCompletionOption.ResponseHeadersRead, _ct);
    }
}
