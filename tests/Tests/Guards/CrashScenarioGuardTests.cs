using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Tenet.Kernel.Jobs;
using Tenet.Tests.Crash;
using Tenet.Tests.Support;
using Xunit;

namespace Tenet.Tests.Guards;

/// <summary>Each kind of job is killed at its crash points by the crash tests, which need to know what to ask of it and what to compare.</summary>
public sealed class CrashScenarioGuardTests(TestCluster cluster)
{
    [Fact]
    public void Every_kind_of_job_has_a_scenario_for_its_crashes() =>
        Without(cluster.Host.Services.GetServices<JobKind>().Select(kind => kind.Name)).ShouldBeEmpty();

    [Fact]
    public void A_scenario_is_of_a_kind_that_exists() =>
        JobScenario
            .All()
            .Select(scenario => scenario.Kind)
            .Except(cluster.Host.Services.GetServices<JobKind>().Select(kind => kind.Name), StringComparer.Ordinal)
            .ShouldBeEmpty();

    [Fact]
    public void A_new_kind_is_found() => Without(["crm.merge", "knowledge.crawl"]).ShouldBe(["crm.merge"]);

    private static IEnumerable<string> Without(IEnumerable<string> kinds) =>
        kinds.Except(JobScenario.All().Select(scenario => scenario.Kind), StringComparer.Ordinal);
}
