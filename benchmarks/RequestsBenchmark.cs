using System.Diagnostics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;

namespace Tenet.Benchmarks;

/// <summary>
/// Requests a second of a trivial endpoint: Tenet's, with session, role, limits and headers, against a bare minimal API that answers the same.
/// Both are programs of their own, called by the same client, in turns.
/// </summary>
internal static class RequestsBenchmark
{
    private const string Path = "/api/api-keys/scopes";
    private const int AtOnce = 32;
    private const int Rounds = 4;
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(6);
    private static readonly TimeSpan Round = TimeSpan.FromSeconds(6);

    public static async Task RunAsync(Workbench bench, CancellationToken ct)
    {
        await bench.OpenAsync(ct);
        Report.Heading("Requests");
        var body = await bench.Owner.GetStringAsync(Path, ct);
        var port = TenetServer.FreePort();
        using var bare = Start(port, body);
        try
        {
            using var client = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };
            await UntilItAnswersAsync(client, ct);
            (HttpClient Client, int Process, string Name, List<double> Rates, List<double> Costs)[] sides =
            [
                (client, bare.Id, "bare minimal API", [], []),
                (bench.Owner, bench.Server.Id, "Tenet", [], []),
            ];
            foreach (var side in sides)
                await MeasureAsync(side.Client, side.Process, WarmUp, ct);
            for (var round = 0; round < Rounds; round++)
            {
                foreach (var (caller, process, _, rates, costs) in sides)
                {
                    var (rate, cost) = await MeasureAsync(caller, process, Round, ct);
                    rates.Add(rate);
                    costs.Add(cost);
                }
            }
            Tell(sides.Select(side => (side.Name, side.Rates.Average(), side.Costs.Average())).ToList());
        }
        finally
        {
            bare.Kill();
            await bare.WaitForExitAsync(ct);
        }
    }

    /// <summary>The bare API itself, as a process of this same program.</summary>
    public static async Task ServeBareAsync(int port, string body)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(System.Net.IPAddress.Loopback, port));
        await using var app = builder.Build();
        var scopes = System.Text.Json.JsonSerializer.Deserialize<string[]>(body)!;
        app.MapGet(Path, () => scopes);
        await app.RunAsync();
    }

    private static Process Start(int port, string body)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!) { UseShellExecute = false };
        if (System.IO.Path.GetFileNameWithoutExtension(Environment.ProcessPath) is "dotnet")
            start.ArgumentList.Add(System.IO.Path.Combine(AppContext.BaseDirectory, "Tenet.Benchmarks.dll"));
        start.ArgumentList.Add("--bare");
        start.ArgumentList.Add($"{port}");
        start.ArgumentList.Add(body);
        return Process.Start(start)!;
    }

    private static async Task UntilItAnswersAsync(HttpClient client, CancellationToken ct)
    {
        for (var tries = 0; tries < 200; tries++)
        {
            try
            {
                (await client.GetAsync(Path, ct)).EnsureSuccessStatusCode();
                return;
            }
            catch (HttpRequestException)
            {
                await Task.Delay(50, ct);
            }
        }
        throw new TimeoutException("The bare API does not answer.");
    }

    /// <returns>Requests a second, and processor milliseconds of the server for a thousand of them.</returns>
    private static async Task<(double Rate, double Cost)> MeasureAsync(HttpClient client, int process, TimeSpan time, CancellationToken ct)
    {
        var cpu = ProcessTree.CpuSeconds(process);
        var watch = Stopwatch.StartNew();
        var counts = await Task.WhenAll(
            Enumerable
                .Range(0, AtOnce)
                .Select(async _ =>
                {
                    var count = 0;
                    while (watch.Elapsed < time)
                    {
                        using var answer = await client.GetAsync(Path, ct);
                        answer.EnsureSuccessStatusCode();
                        count++;
                    }
                    return count;
                })
        );
        var seconds = watch.Elapsed.TotalSeconds;
        return (counts.Sum() / seconds, (ProcessTree.CpuSeconds(process) - cpu) * 1e6 / counts.Sum());
    }

    private static void Tell(List<(string Name, double Rate, double Cost)> sides)
    {
        Report.Line(
            $"GET {Path}, {AtOnce} at once, {Rounds} rounds of {Round.TotalSeconds} s each in turns, the client on the same cores.\n"
        );
        Report.Table([
            ["server", "requests/s", "CPU ms for 1,000"],
            .. sides.Select(side => new[] { side.Name, Report.Number(side.Rate), Report.Number(side.Cost) }),
        ]);
        Report.Line($"Tenet serves {sides[1].Rate / sides[0].Rate:0.00} times as many. Goal: at least 0.5 times.");
    }
}
