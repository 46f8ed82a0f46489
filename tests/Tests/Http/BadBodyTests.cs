using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Shouldly;
using Tenet.Tests.Support;
using Xunit;

namespace Tenet.Tests.Http;

/// <summary>Whatever is mapped and takes a body is sent what nobody should send, and answers with the field that is wrong.</summary>
public sealed class BadBodyTests(TestCluster cluster)
{
    private static readonly byte[][] Bodies =
    [
        [],
        [.. "{"u8],
        [.. "{\"a\":"u8],
        [.. "[]"u8],
        [.. "null"u8],
        [.. "1"u8],
        [.. "\"text\""u8],
        [.. "<xml/>"u8],
        [0xff, 0xfe, 0x00],
        [.. "{\"\xff\":1}"u8],
        Encoding.ASCII.GetBytes(new string('[', 5_000)),
    ];

    private static readonly string[] NaughtyTexts =
    [
        "",
        " ",
        "a\0b",
        "\u0001\u001b[31m",
        "\ufffe\uffff",
        "\u202eevitpmet\u202c \u200f\u200e",
        "👩‍👩‍👧‍👦🏳️‍🌈 é́́́",
        "'; drop table kernel.workspace; --",
        "$1 {0} %s ${jndi:ldap://localhost/} {{7*7}} <script>alert(1)</script>",
        "../../etc/passwd",
        "NaN",
        new string('x', 100_000),
        new string('é', 40_000),
    ];

    private readonly CancellationToken _ct = TestContext.Current.CancellationToken;
    private readonly TestHost _host = cluster.Host;
    private readonly JsonSerializerOptions _json = MappedEndpoint.JsonOf(cluster.Host);

    private IEnumerable<MappedEndpoint> TakingBodies => MappedEndpoint.Of(_host).Where(endpoint => endpoint.BodyType is not null);

    [Fact]
    public async Task A_body_that_is_no_such_thing_is_refused_with_a_problem()
    {
        using var callers = await Callers.OfAsync(_host);
        var findings = new List<string>();
        foreach (var endpoint in TakingBodies)
        {
            foreach (var body in Bodies)
            {
                using var answer = await SendAsync(
                    callers,
                    endpoint,
                    new ByteArrayContent(body) { Headers = { ContentType = new("application/json") } }
                );
                Expect(findings, endpoint, answer, Encoding.Latin1.GetString(body), 400, 422);
            }
            using var text = await SendAsync(callers, endpoint, new StringContent("{}", Encoding.UTF8, "text/plain"));
            Expect(findings, endpoint, text, "text/plain", 415);
        }
        findings.ShouldBeEmpty();
    }

    [Fact]
    public async Task An_unknown_field_and_a_field_of_the_wrong_type_are_named()
    {
        using var callers = await Callers.OfAsync(_host);
        var findings = new List<string>();
        foreach (var endpoint in TakingBodies)
        {
            var wrong = SampleBody
                .Fields(endpoint.BodyType!, _json)
                .SelectMany(field => WrongFor(field.Type).Select(value => (field.Name, Value: value)))
                .Append(("surprise", "1"));
            foreach (var (field, value) in wrong)
            {
                var body = SampleBody.Of(endpoint.BodyType!, _json);
                body[field] = JsonNode.Parse(value);
                using var answer = await SendAsync(callers, endpoint, Json(body.ToJsonString()));
                Expect(findings, endpoint, answer, $"{field}: {value}", 400);
                var errors = await ErrorsAsync(answer);
                if (!errors.Exists(error => error.StartsWith(field, StringComparison.Ordinal)))
                {
                    findings.Add($"{endpoint} answered {field}: {value} with the fields [{string.Join(", ", errors)}]");
                }
            }
        }
        findings.ShouldBeEmpty();
    }

    [Fact]
    public async Task Naughty_texts_are_stored_or_refused_by_the_fields_name_and_never_a_fault()
    {
        using var callers = await Callers.OfAsync(_host);
        var findings = new List<string>();
        foreach (var endpoint in TakingBodies)
        {
            foreach (var (field, _) in SampleBody.Fields(endpoint.BodyType!, _json).Where(field => field.Type == typeof(string)))
            {
                foreach (var text in NaughtyTexts)
                {
                    var body = SampleBody.Of(endpoint.BodyType!, _json);
                    body[field] = text;
                    using var answer = await SendAsync(callers, endpoint, Json(body.ToJsonString()));
                    await ExpectNamedAsync(findings, endpoint, answer, $"{field}: {text[..Math.Min(20, text.Length)]}");
                }
                // A lone surrogate cannot be written by a serializer; a client can send it all the same.
                var lone = SampleBody.Of(endpoint.BodyType!, _json);
                lone[field] = "@lone@";
                using var refused = await SendAsync(
                    callers,
                    endpoint,
                    Json(lone.ToJsonString().Replace("@lone@", "\\ud800", StringComparison.Ordinal))
                );
                Expect(findings, endpoint, refused, $"{field}: a lone surrogate", 400);
            }
        }
        findings.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_body_of_ten_megabytes_is_refused_unread()
    {
        using var callers = await Callers.OfAsync(_host);
        var findings = new List<string>();
        foreach (var endpoint in TakingBodies)
        {
            using var answer = await SendAsync(
                callers,
                endpoint,
                Json("{\"a\":\"" + new string('x', 10_000_000) + "\"}"),
                expectContinue: true
            );
            Expect(findings, endpoint, answer, "10 MB", 413);
        }
        findings.ShouldBeEmpty();
    }

    [Fact]
    public void Bodies_are_taken_by_endpoints_of_every_module_that_has_some() =>
        // The tests above prove nothing when the discovery finds nothing.
        TakingBodies
            .Select(endpoint => endpoint.Pattern.Split('/', StringSplitOptions.RemoveEmptyEntries)[1])
            .Distinct(StringComparer.Ordinal)
            .Count()
            .ShouldBeGreaterThan(3);

    private static string[] WrongFor(Type type) =>
        type == typeof(string) ? ["{\"deep\":1}", "[1]", "1"]
        : type == typeof(bool) || type == typeof(bool?) ? ["\"yes\"", "{\"deep\":1}"]
        : ["\"wrong\"", "{\"surprising\":[1]}"];

    private static StringContent Json(string text) => new(text, Encoding.UTF8, "application/json");

    private async Task<HttpResponseMessage> SendAsync(
        Callers callers,
        MappedEndpoint endpoint,
        HttpContent body,
        bool expectContinue = false
    )
    {
        using var request = new HttpRequestMessage(
            new HttpMethod(endpoint.Method),
            callers.AddressOf(endpoint, Guid.CreateVersion7().ToString())
        )
        {
            Content = body,
            Headers = { ExpectContinue = expectContinue },
        };
        return await callers.Of(endpoint).SendAsync(request, _ct);
    }

    private static void Expect(
        List<string> findings,
        MappedEndpoint endpoint,
        HttpResponseMessage answer,
        string sent,
        params int[] statuses
    )
    {
        if (!statuses.Contains((int)answer.StatusCode))
        {
            findings.Add($"{endpoint} answered {(int)answer.StatusCode} to {sent[..Math.Min(60, sent.Length)]}");
        }
        else if (answer.Content.Headers.ContentType?.MediaType is not "application/problem+json")
        {
            findings.Add($"{endpoint} answered {(int)answer.StatusCode} to {sent[..Math.Min(60, sent.Length)]} without a problem");
        }
    }

    private static async Task ExpectNamedAsync(List<string> findings, MappedEndpoint endpoint, HttpResponseMessage answer, string sent)
    {
        var status = (int)answer.StatusCode;
        if (status >= 500)
        {
            findings.Add($"{endpoint} answered {status} to {sent}");
        }
        else if (status is 400 or 422 && (await ErrorsAsync(answer)).Count == 0)
        {
            findings.Add($"{endpoint} answered {status} to {sent} and named no field");
        }
    }

    private static async Task<List<string>> ErrorsAsync(HttpResponseMessage answer)
    {
        if (answer.Content.Headers.ContentType?.MediaType is not "application/problem+json")
        {
            return [];
        }
        var problem = await answer.Content.ReadFromJsonAsync<JsonElement>();
        return problem.TryGetProperty("errors", out var errors) ? [.. errors.EnumerateObject().Select(error => error.Name)] : [];
    }
}
