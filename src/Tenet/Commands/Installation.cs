using System.CommandLine;
using Tenet.Kernel;
using Tenet.Kernel.Postgres;

namespace Tenet.Commands;

/// <summary>What a command works on: the operator's settings, and the database they name or the private one under the data folder.</summary>
internal sealed class Installation : IAsyncDisposable
{
    public static Option<string> Data { get; } =
        new("--data")
        {
            Description = "The folder in which Tenet keeps everything",
            HelpName = "DIR",
            DefaultValueFactory = _ => "data",
            Recursive = true,
        };

    private Installation(TenetOptions options, PrivateCluster? cluster) => (Options, Cluster) = (options, cluster);

    public TenetOptions Options { get; }

    /// <summary>Null when the operator named a PostgreSQL.</summary>
    public PrivateCluster? Cluster { get; }

    /// <summary>For the host itself: it alone may run the data folder's database.</summary>
    public static Task<Installation> HoldAsync(TenetOptions options, IProgress<string> progress, CancellationToken ct) =>
        OpenAsync(options, PrivateCluster.StartAsync, progress, ct);

    /// <summary>For a command that may work beside a running host.</summary>
    /// <exception cref="InvalidOperationException">The data folder holds no installation; a mistyped one is not made into a new one.</exception>
    public static Task<Installation> JoinAsync(TenetOptions options, IProgress<string> progress, CancellationToken ct) =>
        options.ConnectionString.Length == 0 && !PrivateCluster.IsIn(options.DataFolder)
            ? throw new InvalidOperationException(
                $"There is no Tenet in {options.DataFolder}. Name its folder with --data, or start it there with tenet run."
            )
            : OpenAsync(options, PrivateCluster.JoinAsync, progress, ct);

    private static async Task<Installation> OpenAsync(
        TenetOptions options,
        Func<PrivateClusterOptions, CancellationToken, Task<PrivateCluster>> open,
        IProgress<string> progress,
        CancellationToken ct
    )
    {
        if (options.ConnectionString.Length > 0)
            return new(options, null);
        var cluster = await open(new PrivateClusterOptions(options.DataFolder) { Progress = progress }, ct);
        var telemetry = options.Telemetry with { ServerLog = cluster.LogFile };
        return new(options with { ConnectionString = cluster.AdminConnectionString, Telemetry = telemetry }, cluster);
    }

    /// <summary>Runs a command's work on the composed services, without serving and without background work.</summary>
    public async Task<T> WithServicesAsync<T>(Func<IServiceProvider, Task<T>> work, CancellationToken ct)
    {
        await using var app = TenetHost.Build([], Options with { Background = false });
        await app.Services.PrepareAsync(ct);
        return await work(app.Services);
    }

    /// <summary>The whole of a command beside a running host: joins the installation that its options name, shows a status, works, leaves.</summary>
    public static Task<T> WithServicesAsync<T>(
        ParseResult parsed,
        string doing,
        Func<TenetOptions, IServiceProvider, IProgress<string>, Task<T>> work,
        CancellationToken ct
    )
    {
        var options = TenetOptions.FromConfiguration(parsed.GetRequiredValue(Data));
        // Links lead to the host that runs, if one does.
        options = options with
        {
            PublicUrl = options.PublicUrl ?? RunningHost.AddressOf(options.DataFolder),
        };
        return TenetCommands.WithStatusAsync(
            "Opening the database",
            async progress =>
            {
                await using var installation = await JoinAsync(options, progress, ct);
                progress.Report(doing);
                return await installation.WithServicesAsync(services => work(installation.Options, services, progress), ct);
            }
        );
    }

    public ValueTask DisposeAsync() => Cluster?.DisposeAsync() ?? ValueTask.CompletedTask;
}
