using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Tenet.Benchmarks;

/// <summary>Tenet as it is run: the program of this build in a process of its own.</summary>
internal sealed class TenetServer : IAsyncDisposable
{
    // The very files that ./run starts.
    private static readonly string Program = Path.Combine(Repository.Root, "src", "Tenet", "bin", "Release", "net10.0", "tenet.dll");
    private readonly Process _process;
    private readonly StringBuilder _output = new();
    private readonly TaskCompletionSource _announced = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Stopwatch _watch = Stopwatch.StartNew();

    private TenetServer(Process process, int port)
    {
        (_process, Address) = (process, new Uri($"http://127.0.0.1:{port}"));
        process.OutputDataReceived += (_, line) => Read(line.Data);
        process.ErrorDataReceived += (_, line) => Read(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public Uri Address { get; }
    public int Id => _process.Id;

    /// <summary>From the program's start to its first good answer at /health/ready.</summary>
    public TimeSpan Ready { get; private set; }

    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    public static async Task<TenetServer> StartAsync(
        string data,
        int port,
        IReadOnlyDictionary<string, string> environment,
        CancellationToken ct,
        params string[] more
    )
    {
        // The very runtime of this process; its program file may have been made for another.
        var start = new ProcessStartInfo(Environment.ProcessPath is { } path && Path.GetFileName(path) == "dotnet" ? path : "dotnet")
        {
            ArgumentList = { Program, "run", "--data", data, "--port", $"{port}" },
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var argument in more)
            start.ArgumentList.Add(argument);
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        var server = new TenetServer(Process.Start(start)!, port);
        await server.WaitUntilReadyAsync(ct);
        return server;
    }

    /// <summary>From the program's start to its last line of welcome: with the demo, its shop is read by then.</summary>
    public async Task<TimeSpan> AnnouncedAsync(CancellationToken ct)
    {
        await _announced.Task.WaitAsync(TimeSpan.FromMinutes(2), ct);
        return _watch.Elapsed;
    }

    /// <summary>Resident memory in MB, as /proc tells it.</summary>
    public double Resident() =>
        File.ReadLines($"/proc/{Id}/status")
            .Where(l => l.StartsWith("VmRSS:", StringComparison.Ordinal))
            .Select(l =>
                int.Parse(l.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], System.Globalization.CultureInfo.InvariantCulture)
            )
            .Single() / 1024.0;

    private async Task WaitUntilReadyAsync(CancellationToken ct)
    {
        using var client = new HttpClient { BaseAddress = Address };
        while (_watch.Elapsed < TimeSpan.FromMinutes(2))
        {
            if (_process.HasExited)
                throw new InvalidOperationException("Tenet did not start: " + _output);
            try
            {
                if ((await client.GetAsync("/health/ready", ct)).IsSuccessStatusCode)
                {
                    Ready = _watch.Elapsed;
                    return;
                }
            }
            catch (HttpRequestException)
            {
                // Not listening yet.
            }
            await Task.Delay(10, ct);
        }
        throw new TimeoutException("Tenet did not become ready: " + _output);
    }

    private void Read(string? line)
    {
        lock (_output)
            _output.AppendLine(line);
        if (line?.Contains("Tenet is ready", StringComparison.Ordinal) is true)
            _announced.TrySetResult();
    }

    /// <summary>What it has printed so far, for a benchmark that failed.</summary>
    public override string ToString()
    {
        lock (_output)
            return _output.ToString();
    }

    /// <summary>As Ctrl-C does; killed when that takes too long.</summary>
    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            using var terminate = Process.Start("kill", ["-TERM", $"{Id}"]);
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
            try
            {
                await _process.WaitForExitAsync(patience.Token);
            }
            catch (OperationCanceledException)
            {
                _process.Kill();
            }
        }
        _process.Dispose();
    }
}
