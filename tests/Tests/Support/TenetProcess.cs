using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Tenet.Tests.Support;

/// <summary>Tenet as a process of its own, so that it can be killed as the kernel of the system would kill it.</summary>
internal sealed class TenetProcess : IAsyncDisposable
{
    private readonly string _data;
    private readonly Dictionary<string, string> _environment;
    private Process? _process;
    private System.Text.StringBuilder _output = new();

    /// <param name="adminConnectionString">A database with the current schema.</param>
    /// <param name="masterKeyFile">The key which that database's roles were made with.</param>
    /// <param name="loopback">Hosts on this machine that it may call, <c>127.0.0.1:PORT</c>.</param>
    public TenetProcess(string adminConnectionString, string masterKeyFile, params string[] loopback)
    {
        _data = Directory.CreateTempSubdirectory("tenet-process-").FullName;
        Directory.CreateDirectory(Path.Combine(_data, "keys"));
        File.Copy(masterKeyFile, Path.Combine(_data, "keys", "master.key"));
        Port = FreePort();
        _environment = new(StringComparer.Ordinal)
        {
            ["ConnectionStrings__Tenet"] = adminConnectionString,
            ["Policies__Probing"] = "false",
        };
        for (var n = 0; n < loopback.Length; n++)
        {
            _environment[$"Egress__Loopback__{n}"] = loopback[n];
        }
    }

    public int Port { get; }
    public int Id => _process!.Id;
    public bool HasExited => _process is not { HasExited: false };
    public IDictionary<string, string> Environment => _environment;
    public Uri Address => new($"http://127.0.0.1:{Port}");

    /// <summary>Runs a command of <c>tenet</c> on the same database to its end.</summary>
    public async Task<(int ExitCode, string Output)> RunAsync(params string[] command)
    {
        using var process = Process.Start(Tenet([.. command, "--data", _data]))!;
        var output = await Task.WhenAll(process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        return (process.ExitCode, string.Concat(output));
    }

    private ProcessStartInfo Tenet(IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "tenet.dll"), .. arguments])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in _environment)
        {
            start.Environment[name] = value;
        }
        return start;
    }

    public async Task StartAsync()
    {
        Launch();
        if (!await AnswersAsync("/health/ready"))
        {
            throw new InvalidOperationException("Tenet did not start: " + _output);
        }
    }

    /// <summary>Starts it and does not wait.</summary>
    public void Launch()
    {
        var output = new System.Text.StringBuilder();
        (_output, _process) = (output, Process.Start(Tenet(["run", "--data", _data, "--port", $"{Port}"]))!);
        _process.OutputDataReceived += (_, line) => output.AppendLine(line.Data);
        _process.ErrorDataReceived += (_, line) => output.AppendLine(line.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    /// <summary>Waits for it to say yes; false when it has ended.</summary>
    public async Task<bool> AnswersAsync(string path)
    {
        using var client = new HttpClient { BaseAddress = Address };
        for (var tries = 0; tries < 600; tries++)
        {
            if (HasExited)
            {
                return false;
            }
            try
            {
                if ((await client.GetAsync(path)).IsSuccessStatusCode)
                {
                    return true;
                }
            }
            catch (HttpRequestException)
            {
                // Not listening yet, or no longer.
            }
            await Task.Delay(50);
        }
        throw new TimeoutException("Tenet did not become ready: " + _output);
    }

    /// <summary>SIGKILL: nothing is flushed, nothing is said goodbye to.</summary>
    public async Task KillAsync()
    {
        _process!.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        _process = null;
    }

    /// <summary>SIGTERM, as a supervisor sends it; returns when the process has ended.</summary>
    public async Task<int> StopAsync()
    {
        using var signal = Process.Start("kill", ["-TERM", $"{_process!.Id}"]);
        await _process.WaitForExitAsync();
        var code = _process.ExitCode;
        _process.Dispose();
        _process = null;
        return code;
    }

    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            await KillAsync();
        }
        Directory.Delete(_data, recursive: true);
    }
}
