using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Tenet.Kernel.Jobs;
using Tenet.Tests.Support;
using Xunit;

namespace Tenet.Tests.Guards;

public sealed class JobGuardTests(TestCluster cluster)
{
    [Fact]
    public void Every_job_of_the_program_is_registered_once_under_a_name_of_its_own() =>
        Findings(
                cluster.Host.Services.GetServices<JobKind>(),
                Product.Types.Where(type => type.IsAssignableTo(typeof(IJob)) && type is { IsInterface: false, IsAbstract: false })
            )
            .ShouldBeEmpty();

    [Fact]
    [Trait("Seeded", "a job that is not registered")]
    public void A_forgotten_job_and_a_name_used_twice_are_found() =>
        Findings(
                [new JobKind("lab.tidy", typeof(Tidy)), new JobKind("lab.tidy", typeof(Tidy)), new JobKind("Lab", typeof(Tidy))],
                [typeof(Forgotten)]
            )
            .ShouldBe(["Forgotten is registered 0 times.", "Two jobs are called lab.tidy.", "Lab is not of the form module.verb."]);

    private static IReadOnlyList<string> Findings(IEnumerable<JobKind> kinds, IEnumerable<Type> handlers)
    {
        var registered = kinds.ToList();
        return
        [
            .. handlers
                .Select(handler => (handler.Name, Count: registered.Count(kind => kind.Handler == handler)))
                .Where(handler => handler.Count != 1)
                .Select(handler => $"{handler.Name} is registered {handler.Count} times."),
            .. registered
                .GroupBy(kind => kind.Name, StringComparer.Ordinal)
                .Where(same => same.Count() > 1)
                .Select(same => $"Two jobs are called {same.Key}."),
            .. registered
                .Where(kind => kind.Name.Split('.') is not [{ Length: > 0 }, { Length: > 0 }])
                .Select(kind => $"{kind.Name} is not of the form module.verb."),
        ];
    }

    private sealed class Forgotten : IJob
    {
        public Task RunAsync(JobRun job, CancellationToken ct) => Task.CompletedTask;
    }

    private sealed class Tidy : IJob
    {
        public Task RunAsync(JobRun job, CancellationToken ct) => Task.CompletedTask;
    }
}
