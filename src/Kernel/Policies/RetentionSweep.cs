using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using Tenet.Kernel.DataMaps;
using Tenet.Kernel.Telemetry;
using Tenet.Kernel.Workspaces;

namespace Tenet.Kernel.Policies;

/// <summary>Deletes from the directory tables, which no workspace owns, what has reached the age that the strictest policy in force sets.</summary>
internal sealed partial class RetentionSweep(
    SystemScope system,
    PolicySettings settings,
    IEnumerable<RetentionClock> clocks,
    TelemetryOptions telemetry,
    TimeProvider time,
    ILogger<RetentionSweep> logger
) : BackgroundService
{
    public static readonly TimeSpan Every = TimeSpan.FromMinutes(10);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await SweepAsync(stoppingToken);
                await Task.Delay(Every, time, stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e) when (e is NpgsqlException or TimeoutException or IOException)
            {
                LogFailed((e as PostgresException)?.SqlState ?? e.GetType().Name);
                await Task.Delay(TimeSpan.FromSeconds(30), time, CancellationToken.None);
            }
        }
    }

    internal async Task SweepAsync(CancellationToken ct)
    {
        telemetry.Age.Days = await settings.LogDaysAsync(ct);
        foreach (var clock in clocks.Where(clock => clock is { OfDeployment: true, Ends: not null }))
        {
            if (await settings.ShortestKeepAsync(clock.Rule, ct) is { } keep)
            {
                while (
                    await system.RunAsync(s => s.ExecuteAsync(clock.Ends!.DeleteBatch(keep.Before(s.Now)), ct), ct)
                    == RetentionEnd.BatchSize
                ) { }
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "What has reached its age could not be deleted now ({Error}); trying again")]
    private partial void LogFailed(string error);
}
