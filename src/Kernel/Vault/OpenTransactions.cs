using Tenet.Kernel.Postgres;
using Tenet.Kernel.Workspaces;

namespace Tenet.Kernel.Vault;

/// <summary>
/// Waits until every transaction of Tenet that is open now has ended. What began later sees what was committed before: no value is sealed
/// under, and none written back with, a key version that it replaced.
/// </summary>
internal sealed class OpenTransactions(SystemScope system, TimeProvider time)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    /// <param name="waiting">Told how many are still open.</param>
    public async Task WaitAsync(Action<int>? waiting, CancellationToken ct)
    {
        var open = await ListAsync(ct);
        while (open.Count > 0)
        {
            waiting?.Invoke(open.Count);
            await Task.Delay(Pause, time, ct);
            open.IntersectWith(await ListAsync(ct));
        }
    }

    // Every transaction, even one that only reads, holds the lock of its virtual id; that, and whose it is, every role may see.
    private async Task<HashSet<string>> ListAsync(CancellationToken ct) =>
        [
            .. await system.RunAsync(
                s =>
                    s.ListAsync(
                        $"""
                        select l.virtualxid from pg_locks l join pg_stat_activity a on a.pid = l.pid
                         where l.locktype = 'virtualxid' and l.granted and l.pid <> pg_backend_pid()
                           and a.datname = current_database() and a.usename in ({Databases.AppRole}, {Databases.SystemRole})
                        """,
                        row => row.GetString(0),
                        ct
                    ),
                ct
            ),
        ];
}
