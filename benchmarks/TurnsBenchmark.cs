using System.Diagnostics;
using System.Text;
using System.Text.Json;
using Tenet.Tests.Support.ModelFakes;

namespace Tenet.Benchmarks;

/// <summary>
/// From the POST of a visitor's message to the first streamed byte of the answer, through the whole host (visitor's token, row-level
/// security, retrieval, stored messages, its own process), against a direct streaming call to the same model, which answers at once.
/// </summary>
internal static class TurnsBenchmark
{
    private const string Answer = "It stands on this page";
    private const int TurnsOfConversation = 8;
    private static readonly (int Visitors, int Turns)[] Loads = [(1, 1_000), (50, 4_000), (500, 5_000)];

    public static async Task RunAsync(Workbench bench, CancellationToken ct)
    {
        Report.Heading("Turns");
        await bench.CrawledAsync(ct);
        bench.Model.Default = FakeReply.Text("It stands ", "on this page", " [1].");
        await bench.ChooseModelAsync(ct);
        using var calls = Workbench.Caller();

        Report.Doing($"warming up");
        await ThroughAsync(bench, calls, 20, 8_000, ct);
        await DirectAsync(bench, calls, 8, 3_000, ct);
        var rows = new List<string[]>
        {
            new[]
            {
                "at once",
                "turns",
                "",
                "p50 ms",
                "p95 ms",
                "p99 ms",
                "turns/s",
                "CPU ms/turn: host",
                "PostgreSQL",
                "driver and model",
            },
        };
        foreach (var (visitors, turns) in Loads)
        {
            Report.Doing($"{turns} turns, {visitors} at once");
            var (direct, directSeconds) = await DirectAsync(bench, calls, visitors, turns, ct);
            var before = bench.Spent();
            var (through, seconds) = await ThroughAsync(bench, calls, visitors, turns, ct);
            var after = bench.Spent();
            double[] cpu = [after.Host - before.Host, after.Postgres - before.Postgres, after.Driver - before.Driver];
            rows.Add(Row($"{visitors}", $"{turns}", "direct", direct.At, turns / directSeconds, []));
            rows.Add(Row("", "", "through Tenet", through.At, turns / seconds, [.. cpu.Select(s => s * 1000 / turns)]));
            rows.Add(Row("", "", "**added**", share => through.At(share) - direct.At(share), null, []));
        }
        Report.Line($"Fake model, driver, Tenet and PostgreSQL share the machine; every visitor has a stream open and asks when answered.");
        Report.Line($"Added is the difference of the two percentiles. {bench.Site.Name} is what is searched.\n");
        Report.Table(rows);
        Report.Line($"Goals for what is added: p50 at most 3 ms and p99 at most 10 ms at 1; p95 at most 20 ms at 50.");
    }

    internal static string[] Row(string visitors, string turns, string what, Func<double, double> at, double? perSecond, double[] cpu) =>
        [
            visitors,
            turns,
            what,
            Report.Number(at(0.5)),
            Report.Number(at(0.95)),
            Report.Number(at(0.99)),
            perSecond is { } rate ? Report.Number(rate) : "",
            .. Enumerable.Range(0, 3).Select(i => i < cpu.Length ? Report.Number(cpu[i]) : ""),
        ];

    private static async Task<(Times Times, double Seconds)> ThroughAsync(
        Workbench bench,
        HttpMessageInvoker calls,
        int visitors,
        int turns,
        CancellationToken ct
    )
    {
        var arrived = new List<WidgetVisitor>();
        try
        {
            for (var i = 0; i < visitors; i++)
                arrived.Add(await WidgetVisitor.ArriveAsync(calls, bench.Server.Address, bench.WidgetKey, ct));
            return await RepeatAsync(
                visitors,
                turns,
                async (worker, turn) =>
                {
                    var took = await arrived[worker].AskAsync(QuestionAt((worker * 7) + turn), Answer, ct);
                    if (turn % TurnsOfConversation == TurnsOfConversation - 1)
                        await arrived[worker].StartAnewAsync(ct);
                    return took;
                }
            );
        }
        finally
        {
            await Task.WhenAll(arrived.Select(v => v.DisposeAsync().AsTask()));
        }
    }

    private static Task<(Times Times, double Seconds)> DirectAsync(
        Workbench bench,
        HttpMessageInvoker calls,
        int workers,
        int turns,
        CancellationToken ct
    )
    {
        // About as long as the prompts that Tenet sends.
        var context = string.Concat(Enumerable.Repeat("What a page of the manual says about it. ", 100));
        return RepeatAsync(
            workers,
            turns,
            async (worker, turn) =>
            {
                var messages = new[] { new { role = "user", content = context + QuestionAt((worker * 7) + turn) } };
                var body = JsonSerializer.Serialize(
                    new
                    {
                        model = "fake",
                        stream = true,
                        messages,
                    }
                );
                var began = Stopwatch.GetTimestamp();
                using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(bench.Model.OpenAi + "/chat/completions"));
                request.Content = new StringContent(body, Encoding.UTF8, "application/json");
                using var response = await calls.SendAsync(request, ct);
                using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(ct));
                var first = 0.0;
                while (await reader.ReadLineAsync(ct) is { } line)
                {
                    if (first == 0 && line.Contains("It stands", StringComparison.Ordinal))
                        first = Stopwatch.GetElapsedTime(began).TotalMilliseconds;
                }
                return first;
            }
        );
    }

    private static string QuestionAt(int number) => Repository.Questions[number % Repository.Questions.Count].Text;

    internal static async Task<(Times Times, double Seconds)> RepeatAsync(int workers, int turns, Func<int, int, Task<double>> ask)
    {
        var watch = Stopwatch.StartNew();
        var times = await Task.WhenAll(
            Enumerable
                .Range(0, workers)
                .Select(worker =>
                    Task.Run(async () =>
                    {
                        var own = new double[turns / workers];
                        for (var turn = 0; turn < own.Length; turn++)
                            own[turn] = await ask(worker, turn);
                        return own;
                    })
                )
        );
        return (new Times(times.SelectMany(t => t)), watch.Elapsed.TotalSeconds);
    }
}
