using Tenet.Kernel.Http;
using Tenet.Kernel.Workspaces;

namespace Tenet.Kernel.Jobs;

/// <summary>A job that a node runs now, or that failed for good. Holds no content: jobs have none.</summary>
/// <param name="Error">The type of the last attempt's exception.</param>
/// <param name="At">When it failed for good; when it was enqueued, while it runs.</param>
public sealed record JobLine(Guid Id, string Kind, int Attempt, string? Error, DateTimeOffset At);

/// <summary>The waiting jobs of one kind.</summary>
/// <param name="Retries">How many of them have failed at least once.</param>
public sealed record WaitingJobs(string Kind, long Count, long Retries, DateTimeOffset Next);

/// <summary>Work that fails again and again.</summary>
/// <param name="GivenUp">It is not tried again by itself.</param>
public sealed record FailingJob(bool GivenUp);

public sealed record JobOverview(List<JobLine> Running, List<WaitingJobs> Waiting, List<JobLine> Failed);

/// <summary>What members see of their workspace's jobs, and what they may do about those that failed for good.</summary>
public static class JobDesk
{
    private const int AtMost = 100;

    public static async Task<JobOverview> ReadAsync(WorkspaceContext ctx, CancellationToken ct) =>
        new(
            await ctx.ListAsync(
                $"""
                select id, kind, attempt, last_error, created_at from kernel.job
                 where dead_at is null and lease_until > now() order by created_at limit {AtMost}
                """,
                Line,
                ct
            ),
            await ctx.ListAsync(
                $"""
                select kind, count(*), count(*) filter (where attempt > 0), min(run_at) from kernel.job
                 where dead_at is null and (lease_until is null or lease_until <= now()) group by kind order by min(run_at)
                """,
                row => new WaitingJobs(row.GetString(0), row.GetInt64(1), row.GetInt64(2), row.GetFieldValue<DateTimeOffset>(3)),
                ct
            ),
            await ctx.ListAsync(
                $"""
                select id, kind, attempt, last_error, dead_at from kernel.job
                 where dead_at is not null order by dead_at desc limit {AtMost}
                """,
                Line,
                ct
            )
        );

    /// <summary>For pages that show what a kind of job makes: whether it is failing now. Null when it is not.</summary>
    public static Task<FailingJob?> FailingAsync(WorkspaceContext ctx, string kind, CancellationToken ct) =>
        ctx.FirstOrDefaultAsync(
            $"""
            select dead_at is not null from kernel.job
             where kind = {kind} and last_error is not null order by dead_at desc nulls first limit 1
            """,
            row => new FailingJob(row.GetBoolean(0)),
            ct
        );

    /// <summary>Puts a failed job back into the queue, with all its attempts before it.</summary>
    /// <exception cref="NotFoundException">No such job has failed.</exception>
    public static async Task RetryAsync(WorkspaceContext ctx, Guid id, CancellationToken ct)
    {
        var kind = await KindAsync(ctx, id, ct);
        var retried = await ctx.ExecuteAsync(
            $"""
            update kernel.job j set dead_at = null, attempt = 0, run_at = now()
             where id = {id} and dead_at is not null
               and not exists (select from kernel.job o where o.kind = j.kind and o.unique_key = j.unique_key and o.dead_at is null)
            """,
            ct
        );
        if (retried == 0)
        {
            // The same work is waiting anew already.
            await ctx.ExecuteAsync($"delete from kernel.job where id = {id} and dead_at is not null", ct);
        }
        ctx.Audit("job.retried", "job", id, new { kind });
    }

    /// <exception cref="NotFoundException">No such job has failed.</exception>
    public static async Task DiscardAsync(WorkspaceContext ctx, Guid id, CancellationToken ct)
    {
        var kind = await KindAsync(ctx, id, ct);
        await ctx.ExecuteAsync($"delete from kernel.job where id = {id} and dead_at is not null", ct);
        ctx.Audit("job.discarded", "job", id, new { kind });
    }

    private static async Task<string> KindAsync(WorkspaceContext ctx, Guid id, CancellationToken ct) =>
        await ctx.ScalarAsync<string>($"select kind from kernel.job where id = {id} and dead_at is not null for update", ct)
        ?? throw new NotFoundException("job");

    private static JobLine Line(Npgsql.NpgsqlDataReader row) =>
        new(row.GetGuid(0), row.GetString(1), row.GetInt32(2), row.TextOrNull(3), row.GetFieldValue<DateTimeOffset>(4));
}
