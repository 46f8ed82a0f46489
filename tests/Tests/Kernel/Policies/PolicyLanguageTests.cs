using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Tenet.Kernel.DataMaps;
using Tenet.Kernel.Policies;
using Tenet.Tests.Guards;
using Tenet.Tests.Support;
using Xunit;

namespace Tenet.Tests.Kernel.Policies;

public sealed class PolicyLanguageTests(TestCluster cluster)
{
    private readonly IServiceProvider _services = cluster.Host.Services;

    [Fact]
    public void Each_kind_of_claim_is_described_with_each_of_its_parameters()
    {
        var lines = File.ReadAllLines(Path.Combine(Repository.Root, "docs", "policy-language.md"));
        foreach (var kind in _services.GetRequiredService<PolicyReader>().Kinds)
        {
            var line = lines.SingleOrDefault(line => line.StartsWith($"| `{kind.Name}` |", StringComparison.Ordinal));
            line.ShouldNotBeNull($"docs/policy-language.md has no line about {kind.Name}.");
            foreach (var parameter in kind.Parameters)
            {
                line.ShouldContain($"`{parameter.Name}`", Case.Sensitive, kind.Name);
            }
        }
    }

    [Fact]
    public async Task Each_retention_rule_of_the_data_map_has_a_claim_in_the_house_rules_and_something_to_measure_it_by()
    {
        var house = (await _services.GetRequiredService<PolicyBook>().PublishedAsync(TestContext.Current.CancellationToken)).First(policy =>
            policy.Name == "house"
        );
        var claimed = house
            .Claims.Where(found => found.Claim.Kind.Name is "retention" or "kept_while")
            .Select(found => found.Claim.Text("of"))
            .ToList();
        var measured = _services
            .GetServices<RetentionClock>()
            .Select(clock => clock.Rule)
            .Concat(_services.GetServices<LifeClock>().Select(clock => clock.Rule))
            .ToList();
        var rules = _services.GetRequiredService<DataMap>().RetentionRules;

        claimed.Order(StringComparer.Ordinal).ShouldBe(rules.Keys.Order(StringComparer.Ordinal));
        measured.Order(StringComparer.Ordinal).ShouldBe(rules.Keys.Order(StringComparer.Ordinal));
        rules.Where(rule => rule.Value.Any(char.IsAsciiDigit)).ShouldBeEmpty("How long, the policy says: no rule says it a second time.");
    }
}
