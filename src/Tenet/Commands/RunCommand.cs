using System.CommandLine;
using Tenet.Kernel;
using Tenet.Kernel.Postgres;

namespace Tenet.Commands;

/// <summary><c>tenet run</c>: the database, the schema and the host, until Ctrl-C or SIGTERM.</summary>
internal static partial class RunCommand
{
    private static readonly Option<int?> Port = new("--port") { Description = "The port on 127.0.0.1 (default: 8080)", HelpName = "N" };

    public static Command Create()
    {
        Port.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && (!ushort.TryParse(token.Value, out var port) || port == 0))
                result.AddError("--port takes a number from 1 to 65535.");
        });
        var command = new Command("run", "Start Tenet, with a PostgreSQL of its own unless ConnectionStrings__Tenet names one")
        {
            Installation.Data,
            Port,
        };
        command.SetAction(
            (parsed, ct) =>
            {
                var options = TenetOptions.FromConfiguration(parsed.GetRequiredValue(Installation.Data));
                return ServeAsync(parsed.GetValue(Port) is { } port ? options with { Port = port } : options, ct);
            }
        );
        return command;
    }

    private static async Task<int> ServeAsync(TenetOptions options, CancellationToken ct)
    {
        await using var installation = await TenetCommands.WithStatusAsync(
            "Opening the database",
            progress => Installation.HoldAsync(options, progress, ct)
        );
        await using var app = TenetHost.Build([], installation.Options);
        var origin = $"http://127.0.0.1:{options.Port}";
        await TenetCommands.WithStatusAsync(
            "Preparing Tenet",
            async progress =>
            {
                await app.Services.PrepareAsync(ct);
                await StartAsync(app, options.Port, ct);
                return true;
            }
        );
        Console.WriteLine($"Tenet is ready at {origin} (Ctrl-C stops it).");

        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(ct, app.Lifetime.ApplicationStopping);
        var lost = WatchAsync(app, installation.Cluster, stopping.Token);
        await app.WaitForShutdownAsync(ct);
        return await lost ? 1 : 0;
    }

    private static async Task StartAsync(WebApplication app, int port, CancellationToken ct)
    {
        try
        {
            await app.StartAsync(ct);
        }
        catch (IOException e) when (e.InnerException is Microsoft.AspNetCore.Connections.AddressInUseException)
        {
            throw new InvalidOperationException($"Port {port} is already in use on this machine. Choose another with --port.", e);
        }
    }

    // Without its database the host can only answer errors: it says why and stops, and a supervisor may start both again.
    private static async Task<bool> WatchAsync(WebApplication app, PrivateCluster? cluster, CancellationToken stopping)
    {
        if (cluster is null)
            return false;
        try
        {
            await cluster.WaitForLossAsync(stopping);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
        LogLost(app.Logger, cluster.LogFile, cluster.LogTail());
        app.Lifetime.StopApplication();
        return true;
    }

    [LoggerMessage(
        Level = LogLevel.Critical,
        Message = "PostgreSQL ended although Tenet did not ask it to, so Tenet stops too. Start again with ./run. The end of {File}:\n{Lines}"
    )]
    private static partial void LogLost(ILogger logger, string file, string lines);
}
