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

        File.ReadAllText(Path.Combine(Repository.Root, "policies", "policy.schema.json"))
            .ShouldBe(written, "Renew it: tenet policy schema > policies/policy.schema.json");
    }
}
