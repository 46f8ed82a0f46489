using Shouldly;
using Tenet.Kernel;
using Tenet.Tests.Support;
using Xunit;

namespace Tenet.Tests.Crash;

/// <summary>
/// The host is killed before and after commits, sends and acknowledgements; then a journal that was kept outside is compared with what is
/// stored. Each point once here; see <see cref="Nightly"/> for more.
/// </summary>
[Collection("processes")]
public sealed class CrashPointTests(TestCluster cluster)
{
    // Beyond this number of passes a point is not distinguished: the third commit of a crawl is like its thirtieth.
    private const int Passes = 3;

    private readonly CancellationToken _ct = TestContext.Current.CancellationToken;

    [Fact]
    public async Task Killed_before_and_after_every_commit_send_and_acknowledgement_the_host_loses_nothing_and_doubles_nothing()
    {
        // Two at a time, each with a database of its own.
        var never = await Task.WhenAll(Enumerable.Range(0, 2).Select(part => KillAtPointsAsync(part, 2)));
        never.SelectMany(points => points).ShouldBeEmpty("points that were never reached");
    }

    [Fact]
    public async Task Killed_at_random_moments_the_host_loses_nothing_and_doubles_nothing()
    {
        await using var rig = await CrashRig.StartAsync(cluster);
        for (var kill = 1; kill <= Nightly.RandomKills; kill++)
        {
            await rig.Scenarios[Secrets.Below(rig.Scenarios.Count)].AskAsync(rig);
            await rig.Scenarios[Secrets.Below(rig.Scenarios.Count)].AskAsync(rig);
            await rig.SendLetterAsync();
            await rig.KillAfterAsync(TimeSpan.FromMilliseconds(Secrets.Below(4000)));
            if (kill % 25 == 0 || kill == Nightly.RandomKills)
            {
                await rig.CompareAsync($"{kill} random kills");
            }
        }
    }

    /// <returns>The points that no run came to.</returns>
    private async Task<List<string>> KillAtPointsAsync(int part, int parts)
    {
        await using var rig = await CrashRig.StartAsync(cluster);
        var points = Points(rig).Where((_, n) => n % parts == part).ToList();
        var passes = points.ToDictionary(point => point.Name, _ => Passes, StringComparer.Ordinal);
        var (never, kills) = (new List<string>(), 0);
        for (var round = 0; round < Nightly.KillsAtEachPoint; round++)
        {
            foreach (var (name, ask, callers) in points)
            {
                _ct.ThrowIfCancellationRequested();
                for (var pass = 1 + (round % passes[name]); pass > 0; pass--)
                {
                    await ask();
                    if (await rig.DiesAsync($"{name}/{pass}", callers))
                    {
                        kills++;
                        break;
                    }
                    // The work does not come there so often.
                    passes[name] = Math.Max(1, pass - 1);
                    if (pass == 1)
                    {
                        never.Add(name);
                    }
                }
                if (kills % 50 == 49)
                {
                    await rig.CompareAsync($"{kills} kills, the last at {name}");
                }
            }
        }
        await rig.CompareAsync($"{kills} kills, the last at {points[^1].Name}; never: {string.Join(", ", never)}");
        TestContext.Current.TestOutputHelper?.WriteLine($"{kills} kills at {points.Count} points, {rig.Journal.Questions} questions");
        return never;
    }

    private static IEnumerable<(string Name, Func<Task> Ask, Func<Task>? Callers)> Points(CrashRig rig)
    {
        foreach (var scenario in rig.Scenarios)
        {
            foreach (var point in scenario.Points)
            {
                yield return (point, () => scenario.AskAsync(rig), null);
            }
        }
        foreach (var point in new[] { "mail/commit.before", "mail/commit.after", "mail/send.before", "mail/send.after" })
        {
            yield return (point, rig.SendLetterAsync, null);
        }
        foreach (var point in new[] { "request/commit.before", "request/commit.after", "request/send.before", "request/send.after" })
        {
            yield return (point, () => Task.CompletedTask, () => rig.SayAsync());
        }
        var waking = rig.Scenarios.OfType<Sleepers>().Single();
        foreach (var point in new[] { "queue/claimed", "events/send.before", "events/send.after" })
        {
            yield return (point, () => waking.AskAsync(rig), null);
        }
    }
}
