using System.Text.Json;
using Shouldly;
using Tenet.Tests.Guards;
using Tenet.Tests.Http;
using Tenet.Tests.Support;
using Xunit;

namespace Tenet.Tests.Api;

public sealed class ApiDocumentTests(TestCluster cluster)
{
    private const string Committed = "docs/openapi.json";
    private readonly CancellationToken _ct = TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_description_is_the_committed_one()
    {
        var served = await ServedAsync();
        var file = Path.Combine(Repository.Root, Committed);
        if (Environment.GetEnvironmentVariable("TENET_RENEW") is "openapi")
        {
            await File.WriteAllTextAsync(file, served, _ct);
        }
        var committed = File.Exists(file) ? await File.ReadAllTextAsync(file, _ct) : "";
        committed
            .Equals(served, StringComparison.Ordinal)
            .ShouldBeTrue(
                $"The API has changed. If you meant it: TENET_RENEW=openapi ./test -class \"*ApiDocumentTests\", and commit {Committed}."
            );
    }

    [Fact]
    public async Task Every_endpoint_of_the_api_is_described_with_examples_of_what_it_takes()
    {
        using var document = JsonDocument.Parse(await ServedAsync());
        document.RootElement.GetProperty("openapi").GetString()!.ShouldStartWith("3.1");
        var paths = document.RootElement.GetProperty("paths");
        var findings = new List<string>();
        foreach (
            var endpoint in MappedEndpoint
                .Of(cluster.Host)
                .Where(e => e.Pattern.TrimStart('/').StartsWith("api/", StringComparison.Ordinal))
        )
        {
            var path = System.Text.RegularExpressions.Regex.Replace(
                "/" + endpoint.Pattern.Trim('/'),
                ":[a-z]+}",
                "}",
                System.Text.RegularExpressions.RegexOptions.None,
                TimeSpan.FromSeconds(1)
            );
            if (!paths.TryGetProperty(path, out var item) || !item.TryGetProperty(endpoint.Method.ToLowerInvariant(), out var operation))
            {
                findings.Add($"{endpoint} is not described");
            }
            else if (
                endpoint.BodyType is not null
                && !operation
                    .GetProperty("requestBody")
                    .GetProperty("content")
                    .GetProperty("application/json")
                    .TryGetProperty("example", out _)
            )
            {
                findings.Add($"{endpoint} has no example");
            }
        }
        findings.ShouldBeEmpty();
    }

    private async Task<string> ServedAsync()
    {
        using var client = cluster.Host.Client();
        return (await client.GetStringAsync("/openapi/v1.json", _ct)).ReplaceLineEndings("\n").TrimEnd() + "\n";
    }
}
