using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using Tenet.Kernel.Audit.Checkpoints;
using Tenet.Kernel.Workspaces;

namespace Tenet.Privacy.Erasures;

/// <summary>
/// Once after each start: where the ledger outside knows of erasures and of deleted workspaces that the database does not, the database was
/// restored, and they are done again.
/// </summary>
internal sealed partial class ReplayAtStart(
    WorkspaceDirectory directory,
    ReplayErasures replay,
    TimeProvider time,
    ILogger<ReplayAtStart> logger
) : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromMinutes(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await CompareAsync(stoppingToken);
                return;
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e) when (e is CheckpointStoreException or NpgsqlException or TimeoutException or IOException)
            {
                LogFailed((e as PostgresException)?.SqlState ?? e.GetType().Name);
                await Task.Delay(Pause, time, CancellationToken.None);
            }
        }
    }

    private async Task CompareAsync(CancellationToken ct)
    {
        foreach (var workspace in await directory.ListAsync(ct))
        {
            var replayed = await replay.RunIfAheadAsync(workspace.Id, ct);
            if (replayed.IsDeletedAgain)
            {
                LogDeletedAgain(workspace.Id);
            }
            if (replayed.Begun > 0)
            {
                LogBegun(replayed.Begun, workspace.Id);
            }
            if (replayed.Refused > 0)
            {
                LogRefused(replayed.Refused, workspace.Id);
            }
        }
    }

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "The database was restored from before {Count} persons of workspace {Workspace} were erased; they are erased again"
    )]
    private partial void LogBegun(int count, Guid workspace);

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "The database was restored from before workspace {Workspace} was deleted; it is deleted again"
    )]
    private partial void LogDeletedAgain(Guid workspace);

    [LoggerMessage(
        Level = LogLevel.Error,
        Message = "{Count} persons of workspace {Workspace} were erased and are there again, but are its only owners: make somebody else an owner, then run tenet erasures replay"
    )]
    private partial void LogRefused(int count, Guid workspace);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The ledger of erasures could not be compared ({Error}); trying again")]
    private partial void LogFailed(string error);
}
