using System.CommandLine;
using Tenet.Demo;
using Tenet.Kernel;
using Tenet.Kernel.Http;
using Tenet.Kernel.Http.Arrival;
using Tenet.Kernel.Mail;
using Tenet.Kernel.Postgres;
using Tenet.Kernel.Workspaces;

namespace Tenet.Commands;

/// <summary><c>tenet run</c>: the database, the schema and the host, until Ctrl-C or SIGTERM.</summary>
internal static partial class RunCommand
{
    private static readonly Option<int?> Port = new("--port") { Description = "The port on 127.0.0.1 (default: 8080)", HelpName = "N" };
    private static readonly Option<bool> Demo = new("--demo") { Description = "Serve the demo shop at /demo and open its workspace" };

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
            Demo,
        };
        command.SetAction(
            (parsed, ct) =>
            {
                var options = TenetOptions.FromConfiguration(parsed.GetRequiredValue(Installation.Data));
                return ServeAsync(options with { Port = parsed.GetValue(Port) ?? options.Port, Demo = parsed.GetValue(Demo) }, ct);
            }
        );
        return command;
    }

    private static async Task<int> ServeAsync(TenetOptions options, CancellationToken ct)
    {
        CoreDumps.Forbid();
        await using var installation = await TenetCommands.WithStatusAsync(
            "Opening the database",
            progress => Installation.HoldAsync(options, progress, ct)
        );
        await using var app = TenetHost.Build([], installation.Options);
        var origin = options.Origin;
        var signIn = await TenetCommands.WithStatusAsync(
            "Preparing Tenet",
            async progress =>
            {
                await app.Services.PrepareAsync(ct);
                await StartAsync(app, options.Port, ct);
                RunningHost.Remember(options.DataFolder, origin);
                if (!options.Demo)
                    return null;
                return await app.Services.GetRequiredService<DemoWorkspace>().OpenAsync(new Uri(origin), progress, ct);
            }
        );
        Announce(origin, signIn, MailSink.IsIn(options.Mail, app.Services.GetRequiredService<ArrivalOptions>()));
        if ((await app.Services.GetRequiredService<WorkspaceDirectory>().ListAsync(ct)).Count == 0)
            Console.WriteLine("  There is no workspace yet. Open one:  tenet workspace open \"Your business\" --owner you@example.com");

        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(ct, app.Lifetime.ApplicationStopping);
        var lost = WatchAsync(app, installation.Cluster, stopping.Token);
        _ = GiveBackMemoryAsync(stopping.Token);
        await app.WaitForShutdownAsync(ct);
        return await lost ? 1 : 0;
    }

    /// <summary>Starting leaves more garbage than hours of rest make: once it is done, the memory goes back to the machine.</summary>
    private static async Task GiveBackMemoryAsync(CancellationToken stopping)
    {
        await Task.Delay(TimeSpan.FromSeconds(10), stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!stopping.IsCancellationRequested)
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
    }

    private static void Announce(string origin, Uri? signIn, bool mailbox)
    {
        Console.WriteLine();
        if (signIn is not null)
        {
            Line("Demo shop", $"{origin}/demo/", "ask the chat at the bottom right");
            Line("Console", signIn.ToString(), "signs you in once, within ten minutes");
        }
        else
            Line("Console", origin, "sign in with your e-mail address");
        if (mailbox)
            Line("Mailbox", $"{origin}/dev/mail", "letters stay here until a mail relay is set");
        Console.WriteLine();
        Console.WriteLine("  Tenet is ready. Ctrl-C stops it.");

        static void Line(string what, string url, string why) => Console.WriteLine($"  {what, -11}{url}\n  {"", -11}{why}");
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
