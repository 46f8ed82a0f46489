using System.Diagnostics;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;

namespace Tenet.Benchmarks;

/// <summary>
/// Thousands of visitors who only have their page open: what each open stream costs in memory, and how long a message takes to reach all
/// the pages that one visitor has open among them.
/// </summary>
internal static class StreamsBenchmark
{
    private const int Tabs = 200;
    private const int Messages = 100;
    private const int AtOnce = 32;
    private static readonly int[] Loads = [2_000, 10_000];

    public static async Task RunAsync(Workbench bench, CancellationToken ct)
    {
        await bench.OpenAsync(ct);
        Report.Heading("Streams");
        using var calls = Workbench.Caller();
        var rows = new List<string[]>
        {
            new[] { "idle streams", "host MB", "KB a stream", $"to {Tabs} streams: p50 ms", "p95 ms", "p99 ms", "POST alone: p50 ms" },
        };
        var visitor = await TokenAsync(bench, calls, ct);
        var tabs = new List<Stream>();
        for (var n = 0; n < Tabs; n++)
            tabs.Add(await ListenAsync(bench, calls, visitor, ct));
        // A person has it, so that no answer is made meanwhile.
        await SayAsync(bench, calls, visitor, "messages", new { clientId = Guid.CreateVersion7(), text = "Hello" }, ct);
        await SayAsync(bench, calls, visitor, "handoff", new { }, ct);
        var arrivals = new Arrivals(tabs, ct);
        await FanOutAsync(bench, calls, visitor, arrivals, ct);

        var idle = new List<Stream>();
        var before = await RestedAsync(bench, ct);
        rows.Add(await RowAsync(0, before, before));
        foreach (var load in Loads)
        {
            while (idle.Count < load)
            {
                if (idle.Count % (AtOnce * 32) == 0)
                {
                    var (host, postgres, driver) = bench.Spent();
                    Report.Doing(
                        $"{idle.Count} of {load} idle streams; processor time so far: host {host:0.0} s, PostgreSQL {postgres:0.0} s, driver {driver:0.0} s"
                    );
                }
                idle.AddRange(
                    await Task.WhenAll(
                        Enumerable
                            .Range(0, AtOnce)
                            .Select(async _ => await ListenAsync(bench, calls, await TokenAsync(bench, calls, ct), ct))
                    )
                );
            }
            rows.Add(await RowAsync(idle.Count, before, await RestedAsync(bench, ct)));
            Report.Doing($"{string.Join(", ", rows[^1])}; {bench.CpuSeconds():0} s of processor time so far");
        }
        Report.Line(
            $"Each idle stream is another visitor's. A message of one visitor with {Tabs} pages open, {Messages} times one after the other, from the start of its POST to its arrival on each page."
        );
        Report.Line($"Memory is what /proc says after a rest, without the {Tabs}; driver, Tenet and PostgreSQL share the machine.\n");
        Report.Table(rows);
        foreach (var stream in idle.Concat(tabs))
            await stream.DisposeAsync();

        async Task<string[]> RowAsync(int streams, double at, double now)
        {
            var (all, alone) = await FanOutAsync(bench, calls, visitor, arrivals, ct);
            return
            [
                $"{streams:N0}",
                Report.Number(now),
                streams == 0 ? "" : Report.Number((now - at) * 1024 / streams),
                Report.Number(all.At(0.5)),
                Report.Number(all.At(0.95)),
                Report.Number(all.At(0.99)),
                Report.Number(alone.At(0.5)),
            ];
        }
    }

    private static async Task<(Times All, Times Alone)> FanOutAsync(
        Workbench bench,
        HttpMessageInvoker calls,
        AuthenticationHeaderValue visitor,
        Arrivals arrivals,
        CancellationToken ct
    )
    {
        var (all, alone) = (new List<double>(), new List<double>());
        for (var n = 0; n < Messages; n++)
        {
            var text = $"Message {Guid.CreateVersion7():N}";
            var came = arrivals.Expect(text);
            var began = Stopwatch.GetTimestamp();
            await SayAsync(bench, calls, visitor, "messages", new { clientId = Guid.CreateVersion7(), text }, ct);
            alone.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
            all.AddRange(
                (await came.WaitAsync(TimeSpan.FromSeconds(30), ct)).Select(at => Stopwatch.GetElapsedTime(began, at).TotalMilliseconds)
            );
        }
        return (new Times(all), new Times(alone));
    }

    /// <summary>Resident memory once it has stopped to change: collections come after the work.</summary>
    internal static async Task<double> RestedAsync(Workbench bench, CancellationToken ct)
    {
        await Task.Delay(TimeSpan.FromSeconds(12), ct);
        return bench.Server.Resident();
    }

    private static async Task<AuthenticationHeaderValue> TokenAsync(Workbench bench, HttpMessageInvoker calls, CancellationToken ct)
    {
        using var request = new HttpRequestMessage(
            HttpMethod.Post,
            new Uri(bench.Server.Address, $"/api/widget/{bench.WidgetKey}/sessions")
        )
        {
            Content = JsonContent.Create(new { language = "en" }),
        };
        using var response = await calls.SendAsync(request, ct);
        response.EnsureSuccessStatusCode();
        return new("Bearer", (await response.Content.ReadFromJsonAsync<JsonElement>(ct)).GetProperty("token").GetString());
    }

    private static async Task<Stream> ListenAsync(
        Workbench bench,
        HttpMessageInvoker calls,
        AuthenticationHeaderValue visitor,
        CancellationToken ct
    )
    {
        var request = new HttpRequestMessage(HttpMethod.Get, new Uri(bench.Server.Address, "/api/widget/events"))
        {
            Headers = { Authorization = visitor },
        };
        var response = await calls.SendAsync(request, ct);
        response.EnsureSuccessStatusCode();
        var stream = await response.Content.ReadAsStreamAsync(ct);
        // The first bytes say that the visitor is in.
        await stream.ReadExactlyAsync(new byte[1], ct);
        return stream;
    }

    private static async Task SayAsync<T>(
        Workbench bench,
        HttpMessageInvoker calls,
        AuthenticationHeaderValue visitor,
        string what,
        T body,
        CancellationToken ct
    )
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(bench.Server.Address, $"/api/widget/{what}"))
        {
            Content = JsonContent.Create(body),
            Headers = { Authorization = visitor },
        };
        using var response = await calls.SendAsync(request, ct);
        response.EnsureSuccessStatusCode();
    }

    /// <summary>When a text came over each of several streams.</summary>
    private sealed class Arrivals
    {
        private readonly int _streams;
        private readonly Lock _lock = new();
        private string _expected = "";
        private List<long> _came = [];
        private TaskCompletionSource<List<long>> _all = new();

        public Arrivals(List<Stream> streams, CancellationToken ct)
        {
            _streams = streams.Count;
            foreach (var stream in streams)
                _ = ReadAsync(stream, ct);
        }

        public Task<List<long>> Expect(string text)
        {
            lock (_lock)
            {
                (_expected, _came, _all) = (text, [], new(TaskCreationOptions.RunContinuationsAsynchronously));
                return _all.Task;
            }
        }

        private async Task ReadAsync(Stream stream, CancellationToken ct)
        {
            using var reader = new StreamReader(stream, Encoding.UTF8, false, 1024, leaveOpen: true);
            while (await reader.ReadLineAsync(ct) is { } line)
            {
                if (!line.StartsWith("data: ", StringComparison.Ordinal))
                    continue;
                var at = Stopwatch.GetTimestamp();
                lock (_lock)
                {
                    if (_expected.Length == 0 || !line.Contains(_expected, StringComparison.Ordinal))
                        continue;
                    _came.Add(at);
                    if (_came.Count == _streams)
                        _all.TrySetResult(_came);
                }
            }
        }
    }
}
