using System.Net;
using System.Net.Http.Json;
using Shouldly;
using Tenet.Kernel.Http.Limits;
using Tenet.Tests.Kernel.Http;
using Tenet.Tests.Support;
using Xunit;

namespace Tenet.Tests.Privacy;

public sealed class RequestFloodTests(TestCluster cluster)
{
    private readonly CancellationToken _ct = TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("/api/gdpr/request")]
    [InlineData("/api/privacy/export")]
    [InlineData("/api/privacy/delete")]
    [InlineData("/api/privacy/ccpa/request")]
    public async Task A_flood_from_one_place_is_cut_off_whatever_addresses_it_names_and_others_are_heard(string path)
    {
        const int Most = 20;
        const int Many = 1_000_000;
        await using var host = await cluster.StartHostAsync(
            limits: new RateLimitOptions
            {
                SignIn = new() { PerIp = Most, PerWorkspace = Many },
            }
        );
        var workspace = await host.OpenWorkspaceAsync();
        using var flooding = host.Client();
        Task<HttpResponseMessage> SendAsync(HttpClient client, int n) =>
            client.PostAsJsonAsync(
                path,
                new
                {
                    workspace = workspace.Slug,
                    kind = path.Contains("ccpa", StringComparison.Ordinal) ? "delete" : "access",
                    email = $"kim-{n}@example.org",
                },
                _ct
            );

        var taken = 0;
        for (var n = 0; n < 2 * Most + 10; n++)
        {
            using var answer = await SendAsync(flooding, n);
            taken += answer.StatusCode == HttpStatusCode.Accepted ? 1 : 0;
        }

        // A new minute may begin meanwhile.
        taken.ShouldBeInRange(Most - 2, 2 * Most + 2);
        (await host.AsOwnerAsync<long>("select count(*) from privacy.request where workspace_id = $1", workspace.Id)).ShouldBe(taken);
        using var elsewhere = RateLimitTests.From("127.0.0.78", host);
        using var heard = await SendAsync(elsewhere, Many);
        heard.StatusCode.ShouldBe(HttpStatusCode.Accepted);
    }
}
