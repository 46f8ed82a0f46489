using Tenet.Benchmarks;

if (args is ["--bare", var port, var body])
{
    await RequestsBenchmark.ServeBareAsync(int.Parse(port, System.Globalization.CultureInfo.InvariantCulture), body);
    return 0;
}
var known = new Dictionary<string, Func<Workbench, CancellationToken, Task>>(StringComparer.Ordinal)
{
    ["crawl"] = CrawlBenchmark.RunAsync,
    ["retrieval"] = RetrievalBenchmark.RunAsync,
    ["turns"] = TurnsBenchmark.RunAsync,
    ["copilot"] = CopilotBenchmark.RunAsync,
    ["queue"] = (_, ct) => QueueBenchmark.RunAsync(ct),
    ["requests"] = RequestsBenchmark.RunAsync,
    ["isolation"] = IsolationBenchmark.RunAsync,
    ["verify"] = (_, ct) => VerifyBenchmark.RunAsync(ct),
    ["streams"] = StreamsBenchmark.RunAsync,
    ["audit"] = (_, ct) => AuditBenchmark.RunAsync(ct),
    ["vault"] = (_, ct) => VaultBenchmark.RunAsync(ct),
    ["start"] = (_, ct) => StartBenchmark.RunAsync(ct),
    ["lifecycle"] = (_, ct) => LifecycleBenchmark.RunAsync(ct),
};
var names = args.Length == 0 ? [.. known.Keys] : args;
if (names.FirstOrDefault(name => !known.ContainsKey(name)) is { } unknown)
{
    await Console.Error.WriteLineAsync($"There is no benchmark {unknown}. There are: {string.Join(", ", known.Keys)}.");
    return 2;
}
using var stopping = new CancellationTokenSource();
Console.CancelKeyPress += (_, pressed) =>
{
    pressed.Cancel = true;
    stopping.Cancel();
};
Report.Machine();
await using var bench = new Workbench();
try
{
    foreach (var name in names)
        await known[name](bench, stopping.Token);
    return 0;
}
catch (Exception e) when (e is not OperationCanceledException)
{
    await Console.Error.WriteLineAsync($"{e}\n{bench.ServerOutput}");
    return 1;
}
