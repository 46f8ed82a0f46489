using System.Net;
using System.Net.Http.Json;
using Shouldly;
using Tenet.Kernel;
using Tenet.Tests.Support;
using Xunit;

namespace Tenet.Tests.Crash;

public sealed class KilledWithKeyTests(TestCluster cluster)
{
    private readonly CancellationToken _ct = TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_was_sent_until_it_was_answered_is_done_exactly_once_however_often_the_host_is_killed()
    {
        await using var host = await cluster.StartHostAsync(background: false);
        var workspace = await host.OpenWorkspaceAsync();
        var member = await host.JoinAsync(workspace, "owner");
        await using var process = new TenetProcess(host.AdminConnectionString, cluster.MasterKeyFile);
        using var client = new HttpClient(new SocketsHttpHandler { UseCookies = false }) { BaseAddress = process.Address };
        client.DefaultRequestHeaders.Add("Cookie", member.Cookie);

        var sent = 0;
        for (var kills = 0; kills < 4; kills++)
        {
            await process.StartAsync();
            // Several in flight at whatever moment the kill comes.
            var until = sent + 12;
            var first = Enumerable.Range(sent, 12).Select(n => SendAsync(client, n)).ToList();
            await Task.WhenAny(first);
            await Task.Delay(Secrets.Below(15), _ct);
            await process.KillAsync();
            await Task.WhenAll(first);
            await process.StartAsync();
            for (; sent < until; sent++)
            {
                (await SendAsync(client, sent)).ShouldBe(HttpStatusCode.Created);
            }
            await process.KillAsync();
        }

        (await host.AsOwnerAsync<long>("select count(*) from knowledge.question_answer where workspace_id = $1", workspace.Id)).ShouldBe(
            sent
        );
        (
            await host.AsOwnerAsync<long>(
                "select count(distinct question) from knowledge.question_answer where workspace_id = $1",
                workspace.Id
            )
        ).ShouldBe(sent);
    }

    private async Task<HttpStatusCode?> SendAsync(HttpClient client, int n)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/knowledge/answers")
        {
            Content = JsonContent.Create(new { question = $"Question {n}?", answer = "Yes." }),
            Headers = { { "Idempotency-Key", $"n-{n}" } },
        };
        try
        {
            using var answer = await client.SendAsync(request, _ct);
            return answer.StatusCode;
        }
        catch (HttpRequestException)
        {
            return null;
        }
    }
}
