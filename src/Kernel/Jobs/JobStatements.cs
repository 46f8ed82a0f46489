using Tenet.Kernel.Workspaces;

namespace Tenet.Kernel.Jobs;

internal static class JobStatements
{
    public static Sql Enqueue(Guid id, string kind, Guid subjectId, DateTimeOffset runAt, string? uniqueKey) =>
        $"""
            insert into kernel.job (id, kind, subject_id, run_at, unique_key) values ({id}, {kind}, {subjectId}, {runAt}, {uniqueKey})
            on conflict (workspace_id, kind, unique_key) where dead_at is null
            do update set rerun = kernel.job.claimed_by is not null
            """;

    public static Sql Withdraw(string kind, string uniqueKey) =>
        $"delete from kernel.job where kind = {kind} and unique_key = {uniqueKey} and dead_at is null";

    public static Sql Claim(Guid node, DateTimeOffset now, DateTimeOffset leaseEnd) =>
        $"""
            update kernel.job j
               set run_at = {leaseEnd}, attempt = j.attempt + 1, claimed_by = {node}
              from (select workspace_id, id from kernel.job
                     where dead_at is null and run_at <= {now}
                     order by run_at
                     limit 20
                     for update skip locked) due
             where j.workspace_id = due.workspace_id and j.id = due.id
            returning j.workspace_id, j.id, j.kind, j.subject_id, j.attempt
            """;

    public static Sql Renew(Guid node, Guid[] ids, DateTimeOffset leaseEnd) =>
        $"update kernel.job set run_at = {leaseEnd} where id = any({ids}) and claimed_by = {node}";

    // A job asked for again while it ran starts over; else it is gone.
    public static Sql Finish(Guid node, Guid workspaceId, Guid id, DateTimeOffset now) =>
        $"""
            with again as (
              update kernel.job set rerun = false, run_at = {now}, attempt = 0, claimed_by = null
               where workspace_id = {workspaceId} and id = {id} and claimed_by = {node} and rerun
              returning id)
            delete from kernel.job
             where workspace_id = {workspaceId} and id = {id} and claimed_by = {node} and not rerun and not exists (select from again)
            """;

    public static Sql Retry(Guid node, Guid workspaceId, Guid id, DateTimeOffset runAt, string error) =>
        $"""
            update kernel.job set run_at = {runAt}, claimed_by = null, last_error = {error}
             where workspace_id = {workspaceId} and id = {id} and claimed_by = {node}
            """;

    public static Sql Bury(Guid node, Guid workspaceId, Guid id, DateTimeOffset now, string error) =>
        $"""
            update kernel.job set dead_at = {now}, claimed_by = null, last_error = {error}
             where workspace_id = {workspaceId} and id = {id} and claimed_by = {node}
            """;

    public static Sql Tick(DateTimeOffset now) =>
        $"""
            with due as (
              select workspace_id, kind, subject_id from kernel.schedule
               where next_at <= {now} limit 100 for update skip locked),
            moved as (
              update kernel.schedule s
                 set next_at = greatest(s.next_at + s.every, {now})
                from due where (s.workspace_id, s.kind, s.subject_id) = (due.workspace_id, due.kind, due.subject_id)
              returning s.workspace_id, s.kind, s.subject_id)
            insert into kernel.job (workspace_id, id, kind, subject_id, run_at, unique_key)
            select workspace_id, gen_random_uuid(), kind, subject_id, {now}, 'schedule:' || subject_id from moved
            on conflict (workspace_id, kind, unique_key) where dead_at is null do nothing
            """;
}
