using System.Diagnostics;
using System.Text.Json;

namespace Tenet.Benchmarks;

/// <summary>Runs what others made, in Node.js, in the same run on the same input. Versions stand in peers/package-lock.json.</summary>
internal static class Peer
{
    private static readonly string Folder = Path.Combine(Repository.Root, "benchmarks", "peers");

    /// <returns>The JSON of the last line that the script printed.</returns>
    public static async Task<JsonElement> RunAsync(string script, CancellationToken ct, params string[] arguments)
    {
        if (!Directory.Exists(Path.Combine(Folder, "node_modules")))
            await StartAsync("npm", ct, "ci", "--no-audit", "--no-fund", "--ignore-scripts");
        var output = await StartAsync("node", ct, ["--max-old-space-size=8000", script, .. arguments]);
        return JsonDocument.Parse(output.Trim().Split('\n')[^1]).RootElement;
    }

    public static string VersionOf(string package)
    {
        var file = Path.Combine(Folder, "node_modules", package, "package.json");
        using var json = JsonDocument.Parse(File.ReadAllText(file));
        return $"{package} {json.RootElement.GetProperty("version").GetString()}";
    }

    private static async Task<string> StartAsync(string program, CancellationToken ct, params string[] arguments)
    {
        var start = new ProcessStartInfo(program)
        {
            WorkingDirectory = Folder,
            UseShellExecute = false,
            RedirectStandardOutput = true,
        };
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        using var process = Process.Start(start)!;
        try
        {
            var output = await process.StandardOutput.ReadToEndAsync(ct);
            await process.WaitForExitAsync(ct);
            return process.ExitCode == 0 ? output : throw new InvalidOperationException($"{program} {arguments[0]} failed: {output}");
        }
        finally
        {
            if (!process.HasExited)
                process.Kill();
        }
    }
}
