using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Tenet.Kernel.Policies;
using Tenet.Tests.Guards;
using Tenet.Tests.Support;
using Xunit;

namespace Tenet.Tests.Kernel.Policies;

public sealed class ShippedPoliciesTests(TestCluster cluster)
{
    [Theory]
    [InlineData("odoo-copilot", "copilot", 28)]
    [InlineData("odoo-migration", "migration", 9)]
    [InlineData("crm", "crm", 26)]
    [InlineData("support-widget", "widget", 37)]
    [InlineData("operations", "operations", 31)]
    public async Task Every_promise_stands_once(string name, string prefix, int count)
    {
        var policies = await cluster.Host.Services.GetRequiredService<PolicyBook>().PublishedAsync(TestContext.Current.CancellationToken);
        var policy = policies.Single(policy => policy.Name == name);

        policy
            .Promises.Select(promise => promise.Id)
            .Where(id => !id.StartsWith("house.", StringComparison.Ordinal))
            .ShouldBe(Enumerable.Range(1, count).Select(n => $"{prefix}.{n}"), ignoreOrder: true);
    }

    [Fact]
    public void The_schema_for_editors_is_the_committed_one()
    {
        var written = PolicySchema.Write(cluster.Host.Services.GetRequiredService<PolicyReader>().Kinds) + "\n";

        var path = Path.Combine(Repository.Root, "policies", "policy.schema.json");
        if (Environment.GetEnvironmentVariable("TENET_RENEW") == "policy-schema")
        {
            File.WriteAllText(path, written);
        }
        File.ReadAllText(path).ShouldBe(written, "Renew it: tenet policy schema > policies/policy.schema.json");
    }

    [Fact]
    public async Task A_newer_version_that_comes_with_an_upgrade_is_a_draft_until_it_is_published()
    {
        var ct = TestContext.Current.CancellationToken;
        string database;
        await using (var before = await cluster.StartHostAsync(background: false))
        {
            database = before.AdminConnectionString;
            // A retention that the older release promised shorter.
            await before.AsOwnerAsync<int>(
                "update kernel.policy_version set version = '2025.9', files = replace(regexp_replace(files::text, 'version: 20[0-9.]+', 'version: 2025.9', 'g'), 'keep: 7 days', 'keep: 5 days')::jsonb"
            );
        }
        await using var host = await TestHost.StartAsync(database, cluster.MasterKeyFile, null, background: false);
        var book = host.Services.GetRequiredService<PolicyBook>();

        (await book.DefaultAsync(ct)).Version.ShouldBe("2025.9");
        var drafts = await host.Services.GetRequiredService<ShippedPolicies>().DraftsAsync(ct);
        drafts.Select(draft => draft.Policy.Name).ShouldContain("crm");

        var published = await host.Services.GetRequiredService<PublishPolicy>().RunAsync("crm", null, ct);

        published.IsMaterial.ShouldBeTrue();
        published.Policy.Effective.ShouldBe(DateOnly.FromDateTime(DateTime.UtcNow).AddDays(31));
        (await host.Services.GetRequiredService<ShippedPolicies>().DraftsAsync(ct))
            .Select(draft => draft.Policy.Name)
            .ShouldNotContain("crm");
        (await book.PublishedAsync(ct)).Single(policy => policy.Name == "crm").Version.ShouldBe("2025.9");
    }
}
