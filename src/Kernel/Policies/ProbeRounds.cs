using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using Tenet.Kernel.Workspaces;

namespace Tenet.Kernel.Policies;

/// <summary>Sees to it that every workspace is probed by a schedule of its own.</summary>
internal sealed partial class ProbeRounds(SystemScope system, TimeProvider time, ILogger<ProbeRounds> logger) : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromMinutes(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await system.RunAsync(
                    s =>
                        s.ExecuteAsync(
                            $"""
                            insert into kernel.schedule (workspace_id, kind, subject_id, every, next_at)
                            select w.id, {ProbeWorkspace.Kind}, w.id, {ProbeWorkspace.Every}, {s.Now}
                              from kernel.workspace w
                             where w.closed_at is null
                               and not exists (select from kernel.schedule k where k.workspace_id = w.id and k.kind = {ProbeWorkspace.Kind})
                            on conflict do nothing
                            """,
                            stoppingToken
                        ),
                    stoppingToken
                );
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

    [LoggerMessage(Level = LogLevel.Warning, Message = "Workspaces could not be scheduled for probing ({Error}); trying again")]
    private partial void LogFailed(string error);
}
