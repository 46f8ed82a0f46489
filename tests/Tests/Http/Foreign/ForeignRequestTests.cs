using Npgsql;
using Shouldly;
using Tenet.Tests.Support;
using Xunit;

namespace Tenet.Tests.Http.Foreign;

/// <summary>
/// A randomised run over every endpoint and page that the host has mapped, with ids, tokens, cursors, addresses and words of another workspace
/// in routes, queries, forms, bodies and headers: none of its values comes back, and what is foreign is answered as what is missing. Each
/// question is asked twice, once with the foreign and once with the missing value: 3,000 requests, 100,000 with <c>TENET_NIGHTLY=1</c>.
/// </summary>
public sealed class ForeignRequestTests(TestCluster cluster)
{
    private const int Seed = 20261121;
    private const string Word = "quillwort";
    private const string Mark = "zq7glimmer";
    private readonly CancellationToken _ct = TestContext.Current.CancellationToken;

    [Fact]
    public async Task Nothing_of_another_workspace_comes_out_and_foreign_is_answered_as_missing()
    {
        await using var host = await cluster.StartHostAsync();
        using var other = await host.FurnishAsync(Word, Mark, _ct);
        var theirs = await Holdings.OfAsync(host, other, "fumitoryx");
        theirs.Ids.Count.ShouldBeGreaterThan(20);
        theirs.Telling.Count.ShouldBeGreaterThan(15);
        var before = await Holdings.FingerprintAsync(host, theirs.WorkspaceId);
        var run = new ForeignRun(host, Seed, _ct);

        await run.RunAsync(theirs, Nightly.Times(2_500, 50_000));

        run.Findings.ShouldBeEmpty();
        var after = await Holdings.FingerprintAsync(host, theirs.WorkspaceId);
        OthersOf(after).ShouldBe(OthersOf(before));
        // Anybody may ask a workspace for their data, or for its news: that adds, and changes nothing.
        Rows(before).Except(Rows(after)).ShouldBeEmpty();
        // The proof that the questions were good ones: all were asked, and many did what they were asked. What takes a token of somebody's Odoo
        // for each request is refused to whoever asks here.
        var endpoints = ForeignRun.EndpointsOf(host);
        endpoints.Select(endpoint => endpoint.ToString()).Except(run.Asked.Keys).ShouldBeEmpty();
        // Where the address itself names something, what is foreign is refused by design: that cannot be done.
        var open = endpoints.Where(endpoint => !endpoint.IsForOdoo && !endpoint.ToString().Contains('{')).ToList();
        open.Count(endpoint => run.Asked[endpoint.ToString()].Done > 0).ShouldBeGreaterThan(open.Count / 2);
    }

    private static IEnumerable<string> OthersOf(string fingerprint) =>
        fingerprint.Split('\n').Where(table => !Asked.Any(asked => table.StartsWith(asked, StringComparison.Ordinal)));

    private static readonly string[] Asked = ["privacy.request", "privacy.marketing_consent", "privacy.consent_notice"];

    private static IEnumerable<string> Rows(string fingerprint) => fingerprint.Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries);

    [Theory]
    [InlineData("accounts.member")]
    [InlineData("accounts.invitation")]
    [InlineData("accounts.api_key")]
    [InlineData("knowledge.question_answer")]
    // One of these alone shows nothing: every read of the inbox joins a conversation with its visitor.
    [InlineData("inbox.conversation", "inbox.message", "inbox.visitor")]
    [Trait("Seeded", "a policy that lets all rows of a table through")]
    public async Task A_table_that_everybody_reads_is_found(params string[] tables)
    {
        await using var host = await cluster.StartHostAsync();
        using var other = await host.FurnishAsync(Word, Mark, _ct);
        var theirs = await Holdings.OfAsync(host, other, "fumitoryx");
        foreach (var table in tables)
        {
            await host.AsOwnerAsync<object>($"create policy leak on {table} for select to tenet_app using (true)");
        }
        var run = new ForeignRun(host, Seed, _ct) { Enough = 1 };

        await run.RunAsync(theirs, 8_000);

        run.Findings.ShouldNotBeEmpty();
    }
}
