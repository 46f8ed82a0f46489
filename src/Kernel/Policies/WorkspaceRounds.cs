using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using Tenet.Kernel.Workspaces;

namespace Tenet.Kernel.Policies;

/// <summary>Sees to it that every workspace is swept, and probed, by schedules of its own.</summary>
internal sealed partial class WorkspaceRounds(SystemScope system, PolicyOptions options, TimeProvider time, ILogger<WorkspaceRounds> logger)
    : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromMinutes(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await ScheduleAsync(SweepWorkspace.Kind, SweepWorkspace.Every, stoppingToken);
                if (options.Probing)
                {
                    await ScheduleAsync(ProbeWorkspace.Kind, ProbeWorkspace.Every, stoppingToken);
                }
                await Task.Delay(Every, time, stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e) when (e is NpgsqlException or TimeoutException or IOException)
            {
                LogFailed((e as PostgresException)?.SqlState ?? e.GetType().Name);
                await Task.Delay(TimeSpan.FromSeconds(5), time, CancellationToken.None);
            }
        }
    }

    private Task ScheduleAsync(string kind, TimeSpan every, CancellationToken ct) =>
        system.RunAsync(
            s =>
                s.ExecuteAsync(
                    $"""
                    insert into kernel.schedule (workspace_id, kind, subject_id, every, next_at)
                    select w.id, {kind}, w.id, {every}, {s.Now}
                      from kernel.workspace w
                     where w.closed_at is null
                       and not exists (select from kernel.schedule k where k.workspace_id = w.id and k.kind = {kind})
                    on conflict do nothing
                    """,
                    ct
                ),
            ct
        );

    [LoggerMessage(Level = LogLevel.Warning, Message = "Workspaces could not be scheduled ({Error}); trying again")]
    private partial void LogFailed(string error);
}
