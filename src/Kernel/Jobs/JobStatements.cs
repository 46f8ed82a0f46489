using Tenet.Kernel.Workspaces;

namespace Tenet.Kernel.Jobs;

internal static class JobStatements
{
    public static Sql Enqueue(Guid id, string kind, Guid subjectId, DateTimeOffset runAt, string? uniqueKey) =>
        $"""
            insert into kernel.job (id, kind, subject_id, run_at, unique_key) values ({id}, {kind}, {subjectId}, {runAt}, {uniqueKey})
            on conflict (workspace_id, kind, unique_key) where dead_at is null
            do update set rerun = kernel.job.claimed_by is not null,
              run_at = case when kernel.job.claimed_by is null then least(kernel.job.run_at, excluded.run_at) else kernel.job.run_at end
            """;

    public static Sql Withdraw(string kind, string uniqueKey) =>
        $"delete from kernel.job where kind = {kind} and unique_key = {uniqueKey} and dead_at is null";

    /// <param name="free">How many at most, as a literal: as a parameter it hides from the planner how few rows are wanted.</param>
    public static Sql Claim(Guid node, DateTimeOffset now, DateTimeOffset leaseEnd, Sql free) =>
        $"""
            update kernel.job j
               set run_at = {leaseEnd}, attempt = j.attempt + 1, claimed_by = {node}
              from (select workspace_id, id from kernel.job
                     where dead_at is null and run_at <= {now}
                     order by run_at
                     limit {free}
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

    /// <summary>Given back unfinished by a node that stops: not counted as an attempt.</summary>
    public static Sql Release(Guid node, Guid workspaceId, Guid id, DateTimeOffset now) =>
        $"""
            update kernel.job set run_at = {now}, claimed_by = null, attempt = greatest(attempt - 1, 0)
             where workspace_id = {workspaceId} and id = {id} and claimed_by = {node}
            """;

    // A schedule that is behind by several ticks runs once and goes on from now.
    public static Sql Tick(DateTimeOffset now) =>
        $"""
            with due as (
              select workspace_id, kind, subject_id from kernel.schedule
               where next_at <= {now} limit 100 for update skip locked),
            moved as (
              update kernel.schedule s
                 set next_at = case when s.next_at + s.every > {now} then s.next_at + s.every else {now} + s.every end
                from due where (s.workspace_id, s.kind, s.subject_id) = (due.workspace_id, due.kind, due.subject_id)
              returning s.workspace_id, s.kind, s.subject_id)
            insert into kernel.job (workspace_id, id, kind, subject_id, run_at, unique_key)
            select workspace_id, gen_random_uuid(), kind, subject_id, {now}, 'schedule:' || subject_id from moved
            on conflict (workspace_id, kind, unique_key) where dead_at is null do nothing
            """;
}
