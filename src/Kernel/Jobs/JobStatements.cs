using Tenet.Kernel.Workspaces;

namespace Tenet.Kernel.Jobs;

/// <summary>
/// The queue's statements. All times are the database's clock, the only one that all nodes share: a node whose clock jumps neither steals
/// another's jobs nor loses its own.
/// </summary>
internal static class JobStatements
{
    public static Sql Enqueue(Guid id, string kind, Guid subjectId, TimeSpan delay, string? uniqueKey) =>
        uniqueKey is null
            ? (Sql)$"insert into kernel.job (id, kind, subject_id, run_at) values ({id}, {kind}, {subjectId}, clock_timestamp() + {delay})"
            : $"""
                insert into kernel.job (id, kind, subject_id, run_at, unique_key)
                values ({id}, {kind}, {subjectId}, clock_timestamp() + {delay}, {uniqueKey})
                on conflict (workspace_id, kind, unique_key) where dead_at is null and unique_key is not null
                do update set rerun = kernel.job.claimed_by is not null,
                  run_at = case when kernel.job.claimed_by is null then least(kernel.job.run_at, excluded.run_at) else kernel.job.run_at end
                """;

    public static Sql Withdraw(string kind, string uniqueKey) =>
        $"delete from kernel.job where kind = {kind} and unique_key = {uniqueKey} and dead_at is null";

    public static Sql Schedule(string kind, Guid subjectId, TimeSpan every) =>
        $"""
            insert into kernel.schedule (kind, subject_id, every, next_at) values ({kind}, {subjectId}, {every}, clock_timestamp() + {every})
            on conflict (workspace_id, kind, subject_id) do update set every = excluded.every, next_at = excluded.next_at
            """;

    /// <summary>
    /// The workspaces with jobs due, found by steps through the index, not by reading the queues. Starts after <paramref name="after"/>,
    /// so that with very many of them each comes to its turn.
    /// </summary>
    public static Sql Due(Guid after) =>
        $"""
            with recursive due (workspace_id, n) as (
              (select workspace_id, 1 from kernel.job
                where dead_at is null and run_at <= now() and workspace_id > {after} order by workspace_id limit 1)
              union all
              select (select j.workspace_id from kernel.job j
                       where j.dead_at is null and j.run_at <= now() and j.workspace_id > due.workspace_id
                       order by j.workspace_id limit 1), n + 1
                from due where due.workspace_id is not null and n < 1000)
            select workspace_id from due where workspace_id is not null
            """;

    /// <summary>A lost claim is only made again, so its commit need not reach the disk: what the handlers write carries it there.</summary>
    public static Sql UnflushedClaim { get; } = Sql.Constant("set local synchronous_commit = off");

    /// <summary>
    /// Claims jobs. Those whose hosts ended twice while they held them are suspects: one of them may be what ends hosts, and would use up the
    /// attempts of all that run beside it. They are claimed sixteen together, then four, then alone; the rest is put off for a moment and
    /// loses no attempt.
    /// </summary>
    /// <param name="each">How many of each workspace, as a literal: as a parameter it hides from the planner how few rows are wanted.</param>
    /// <param name="suspects">Whether this node may take suspects now.</param>
    public static Sql Claim(Guid node, TimeSpan lease, Guid[] workspaces, string[] kinds, Sql each, bool suspects) =>
        $"""
            update kernel.job j
               set lease_until = case when next.put_off then j.lease_until else now() + {lease} end,
                   attempt = j.attempt + case when next.put_off then 0 else 1 end,
                   claimed_by = case when next.put_off then j.claimed_by else {node} end,
                   run_at = case when next.put_off then now() + (1 + next.place / 16) * interval '250 milliseconds' else j.run_at end
              from (select workspace_id, id, suspect, place,
                           suspect and (not {suspects} or place > case attempt when 2 then 16 when 3 then 4 else 1 end) as put_off
                      from (select q.*, row_number() over (partition by q.suspect order by q.attempt, q.run_at) as place
                              from unnest({workspaces}) as w(id),
                                   lateral (select workspace_id, id, attempt, run_at, claimed_by is not null and attempt >= 2 as suspect
                                              from kernel.job
                                             where workspace_id = w.id and dead_at is null and run_at <= now()
                                               and (lease_until is null or lease_until <= now()) and kind = any({kinds})
                                             order by run_at
                                             limit {each}
                                             for update skip locked) as q) as found) as next
             where j.workspace_id = next.workspace_id and j.id = next.id
            returning j.workspace_id, j.id, j.kind, j.subject_id, j.attempt, next.suspect, next.put_off
            """;

    /// <returns>Rows of the ids that are still this node's.</returns>
    public static Sql Renew(Guid node, TimeSpan lease, Guid[] workspaces, Guid[] ids, int[] attempts) =>
        $"""
            update kernel.job j set lease_until = now() + {lease}
              from unnest({workspaces}, {ids}, {attempts}) as mine(workspace_id, id, attempt)
             where j.workspace_id = mine.workspace_id and j.id = mine.id and j.claimed_by = {node} and j.attempt = mine.attempt
            returning j.id
            """;

    /// <summary>Done: gone, unless asked for again meanwhile, which <see cref="Again"/> then finds.</summary>
    public static Sql Finish(Guid node, Guid[] workspaces, Guid[] ids, int[] attempts) =>
        $"""
            delete from kernel.job j
             using unnest({workspaces}, {ids}, {attempts}) as done(workspace_id, id, attempt)
             where j.workspace_id = done.workspace_id and j.id = done.id
               and j.claimed_by = {node} and j.attempt = done.attempt and not j.rerun
            """;

    /// <summary>A job asked for again while it ran starts over.</summary>
    public static Sql Again(Guid node, Guid[] workspaces, Guid[] ids, int[] attempts) =>
        $"""
            update kernel.job j
               set rerun = false, run_at = now(), attempt = 0, claimed_by = null, lease_until = null, last_error = null
              from unnest({workspaces}, {ids}, {attempts}) as done(workspace_id, id, attempt)
             where j.workspace_id = done.workspace_id and j.id = done.id
               and j.claimed_by = {node} and j.attempt = done.attempt and j.rerun
            returning j.workspace_id
            """;

    public static Sql Retry(Guid node, JobRun run, TimeSpan delay, string error) =>
        $"""
            update kernel.job set run_at = now() + {delay}, claimed_by = null, lease_until = null, last_error = {error}
             where workspace_id = {run.WorkspaceId} and id = {run.JobId} and claimed_by = {node} and attempt = {run.Attempt}
            """;

    public static Sql Bury(Guid node, JobRun run, string error) =>
        $"""
            update kernel.job set dead_at = now(), claimed_by = null, lease_until = null, rerun = false, last_error = {error}
             where workspace_id = {run.WorkspaceId} and id = {run.JobId} and claimed_by = {node} and attempt = {run.Attempt}
            """;

    /// <summary>Given back unfinished: not counted as an attempt.</summary>
    public static Sql Release(Guid node, JobRun run) =>
        $"""
            update kernel.job set claimed_by = null, lease_until = null, attempt = attempt - 1
             where workspace_id = {run.WorkspaceId} and id = {run.JobId} and claimed_by = {node} and attempt = {run.Attempt}
            """;

    // A schedule that is behind by several ticks runs once and goes on from now.
    public static Sql Tick { get; } =
        Sql.Constant(
            """
            with due as (
              select workspace_id, kind, subject_id from kernel.schedule
               where next_at <= now() limit 100 for update skip locked),
            moved as (
              update kernel.schedule s
                 set next_at = case when s.next_at + s.every > now() then s.next_at + s.every else now() + s.every end
                from due where (s.workspace_id, s.kind, s.subject_id) = (due.workspace_id, due.kind, due.subject_id)
              returning s.workspace_id, s.kind, s.subject_id)
            insert into kernel.job (workspace_id, id, kind, subject_id, run_at, unique_key)
            select workspace_id, gen_random_uuid(), kind, subject_id, now(), 'schedule:' || subject_id from moved
            on conflict (workspace_id, kind, unique_key) where dead_at is null and unique_key is not null do nothing
            """
        );
}
