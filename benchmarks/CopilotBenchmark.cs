using System.Diagnostics;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Tenet.Kernel;
using Tenet.Kernel.Workspaces;
using Tenet.Odoo.Tenants;
using Tenet.Odoo.Tokens;
using Tenet.Tests.Support.ModelFakes;

namespace Tenet.Benchmarks;

/// <summary>
/// What the copilot adds: a turn of question, one call of a tool and answer, beside the same three calls made directly (model, Odoo, model), which
/// both answer at once; the memory of a turn that is open; and the verification of a user's token.
/// </summary>
internal static class CopilotBenchmark
{
    private const string Question = "What did we sell today?";
    private static readonly (int Users, int Turns)[] Loads = [(1, 1_000), (50, 4_000)];
    private static readonly int[] Open = [500, 1_000];

    // What the collector has not collected yet differs by tens of megabytes from one rest to the next.
    private const int MemoryRounds = 5;

    public static async Task RunAsync(Workbench bench, CancellationToken ct)
    {
        await bench.OpenAsync(ct);
        Report.Heading("Copilot");
        using var calls = Workbench.Caller();
        await bench.ChooseModelAsync(ct);
        bench.Model.Choose = request => HasResult(request) ? FakeReply.Text("Two orders: ", "120.5 and 80 ", "[1].") : Call;
        using var panel = await CopilotPanel.ConnectAsync(calls, bench.Server.Address, bench.Odoo.Address, await CodeAsync(bench, ct), ct);
        VerifyTokens(panel);

        Report.Doing($"warming up");
        await ThroughAsync(panel, 20, 4_000, ct);
        await DirectAsync(bench, calls, 8, 2_000, ct);
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
                "driver and fakes",
            },
        };
        foreach (var (users, turns) in Loads)
        {
            Report.Doing($"{turns} turns, {users} at once");
            var (direct, directSeconds) = await DirectAsync(bench, calls, users, turns, ct);
            var before = bench.Spent();
            var (first, answers, seconds) = await ThroughAsync(panel, users, turns, ct);
            var after = bench.Spent();
            double[] cpu = [after.Host - before.Host, after.Postgres - before.Postgres, after.Driver - before.Driver];
            rows.Add(TurnsBenchmark.Row($"{users}", $"{turns}", "direct: model, Odoo, model", direct.At, turns / directSeconds, []));
            rows.Add(TurnsBenchmark.Row("", "", "first byte", first.At, null, []));
            rows.Add(
                TurnsBenchmark.Row("", "", "first piece of the answer", answers.At, turns / seconds, [.. cpu.Select(s => s * 1000 / turns)])
            );
            rows.Add(TurnsBenchmark.Row("", "", "**added to the answer**", share => answers.At(share) - direct.At(share), null, []));
        }
        Report.Line($"Fake model, fake Odoo, driver, Tenet and PostgreSQL share the machine; each user asks again when answered.\n");
        Report.Table(rows);
        Report.Line($"Goal: first byte p95 at most 30 ms over model and Odoo at 50 at once.\n");
        await MeasureOpenTurnsAsync(bench, panel, ct);
        bench.Model.Choose = null;
    }

    private static FakeReply Call { get; } = FakeReply.Call("search_records", """{"model":"sale.order","domain":[["state","=","sale"]]}""");

    private static bool HasResult(FakeRequest request) => request.Body.Contains("\"role\":\"tool\"", StringComparison.Ordinal);

    private static async Task<string> CodeAsync(Workbench bench, CancellationToken ct)
    {
        var options = new TenetOptions(bench.Folder, bench.AdminConnectionString) { Background = false };
        await using var app = TenetHost.Build([], options, builder => builder.Logging.SetMinimumLevel(LogLevel.Warning));
        await app.Services.PrepareAsync(ct);
        return await app
            .Services.GetRequiredService<WorkspaceScope>()
            .RunAsync(bench.Workspace, Actor.System, async ctx => (await ConnectCode.MakeAsync(ctx, ct)).Code, ct);
    }

    /// <summary>What a request's token costs before anything is looked up in the database.</summary>
    private static void VerifyTokens(CopilotPanel panel)
    {
        const int Tokens = 2_000;
        var now = TimeProvider.System.GetUtcNow();
        var key = panel.PublicKey;
        var tenant = new ConnectedTenant(
            Guid.Parse(panel.Tenant),
            Guid.Parse(panel.Kid),
            new Uri("https://odoo.test"),
            "bench",
            default,
            false
        )
        {
            AddonKey = new KeyPool(() => EcKey.Public(key)),
            TenetKey = new KeyPool(() => EcKey.Public(key)),
        };
        var tokens = Enumerable.Range(1, Tokens).Select(uid => panel.Token(uid, null)).ToList();
        var times = new List<double>();
        for (var pass = 0; pass < 5; pass++)
        {
            times.Clear();
            foreach (var text in tokens)
            {
                var began = Stopwatch.GetTimestamp();
                var isGood =
                    UserToken.Claimant(text) is not null
                    && UserToken.Verify(text, tenant, panel.Audience, TimeSpan.FromMinutes(15), now).Token is not null;
                times.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
                if (!isGood)
                    throw new InvalidOperationException("A good token is refused.");
            }
        }
        var sorted = new Times(times);
        Report.Line(
            $"A user's token, read and verified: p50 {Report.Number(sorted.At(0.5) * 1000)} µs, p95 {Report.Number(sorted.At(0.95) * 1000)} µs over {Tokens:N0} tokens. Goal: 100 µs.\n"
        );
    }

    private static async Task<(Times First, Times Answers, double Seconds)> ThroughAsync(
        CopilotPanel panel,
        int users,
        int turns,
        CancellationToken ct
    )
    {
        var grants = new List<string>();
        for (var user = 0; user < users; user++)
            grants.Add(await panel.GrantAsync(user + 1, ct));
        var firsts = new System.Collections.Concurrent.ConcurrentBag<double>();
        var (answers, seconds) = await TurnsBenchmark.RepeatAsync(
            users,
            turns,
            async (user, turn) =>
            {
                var (first, answer) = await panel.AskAsync(user + 1, grants[user], Guid.NewGuid(), Question, ct);
                firsts.Add(first);
                return answer;
            }
        );
        return (new Times(firsts), answers, seconds);
    }

    private static Task<(Times Times, double Seconds)> DirectAsync(
        Workbench bench,
        HttpMessageInvoker calls,
        int users,
        int turns,
        CancellationToken ct
    )
    {
        // About as long as the prompts that Tenet sends.
        var prompt = string.Concat(Enumerable.Repeat("What a copilot is told about its work. ", 60)) + Question;
        var ask = JsonSerializer.Serialize(
            new
            {
                model = "fake",
                stream = true,
                messages = new[] { new { role = "user", content = prompt } },
            }
        );
        var answer = ask.Replace("\"role\":\"user\"", "\"role\":\"tool\"", StringComparison.Ordinal);
        var chat = new Uri(bench.Model.OpenAi + "/chat/completions");
        return TurnsBenchmark.RepeatAsync(
            users,
            turns,
            async (_, _) =>
            {
                var began = Stopwatch.GetTimestamp();
                await SendAsync(calls, chat, ask, "", ct);
                await SendAsync(calls, bench.Odoo.Mcp, """{"jsonrpc":"2.0","id":1,"method":"tools/call"}""", "", ct);
                return Stopwatch.GetElapsedTime(began, await SendAsync(calls, chat, answer, "Two orders", ct)).TotalMilliseconds;
            }
        );
    }

    /// <returns>When the words came that it waits for.</returns>
    private static async Task<long> SendAsync(HttpMessageInvoker calls, Uri to, string body, string words, CancellationToken ct)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, to);
        request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        using var response = await calls.SendAsync(request, ct);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(ct));
        long came = 0;
        while (await reader.ReadLineAsync(ct) is { } line)
        {
            if (came == 0 && line.Contains(words, StringComparison.Ordinal))
                came = Stopwatch.GetTimestamp();
        }
        return came;
    }

    private static async Task MeasureOpenTurnsAsync(Workbench bench, CopilotPanel panel, CancellationToken ct)
    {
        bench.Model.Choose = request => HasResult(request) ? FakeReply.Text("Two orders: ") with { Ending = FakeEnding.Stall } : Call;
        var grant = await panel.GrantAsync(1, ct);
        var rows = new List<string[]> { new[] { "open turns", "host MB", "KB a turn", "KB a turn in each round" } };
        // Opened once before, so that pools and caches are as large as they get.
        await CloseAsync(await OpenTurnsAsync(panel, grant, Open[^1], ct));
        var rounds = Open.ToDictionary(load => load, _ => new List<(double Resident, double Each)>());
        var empty = new List<double>();
        for (var round = 0; round < MemoryRounds; round++)
        {
            empty.Add(await StreamsBenchmark.RestedAsync(bench, ct));
            foreach (var load in Open)
            {
                Report.Doing($"{load} open turns");
                var open = await OpenTurnsAsync(panel, grant, load, ct);
                var now = await StreamsBenchmark.RestedAsync(bench, ct);
                rounds[load].Add((now, (now - empty[^1]) * 1024 / load));
                await CloseAsync(open);
            }
        }
        rows.Add(["0", Report.Number(new Times(empty).At(0.5)), "", ""]);
        foreach (var (load, seen) in rounds)
        {
            rows.Add([
                $"{load:N0}",
                Report.Number(new Times(seen.Select(at => at.Resident)).At(0.5)),
                Report.Number(new Times(seen.Select(at => at.Each)).At(0.5)),
                string.Join(", ", seen.Select(at => Report.Number(at.Each))),
            ]);
        }
        Report.Line(
            $"Turns that have called a tool and said their first words; resident memory after a rest, median of {MemoryRounds} rounds. Goal: at most 64 KB each.\n"
        );
        Report.Table(rows);
    }

    private static async Task<List<Stream>> OpenTurnsAsync(CopilotPanel panel, string grant, int count, CancellationToken ct)
    {
        var open = new List<Stream>();
        while (open.Count < count)
            open.AddRange(await Task.WhenAll(Enumerable.Range(0, 25).Select(_ => panel.LeaveOpenAsync(1, grant, Question, ct))));
        return open;
    }

    private static async Task CloseAsync(List<Stream> open)
    {
        foreach (var stream in open)
            await stream.DisposeAsync();
    }
}
