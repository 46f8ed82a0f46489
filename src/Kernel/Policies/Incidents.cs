using Microsoft.Extensions.DependencyInjection;
using Tenet.Kernel.Workspaces;

namespace Tenet.Kernel.Policies;

/// <summary>Told of a new incident in the transaction that opened it. Registered by the module that alerts people.</summary>
public delegate void IncidentOpened(WorkspaceContext ctx, Guid incidentId);

/// <summary>Told of an incident's end in the transaction that closed it.</summary>
public delegate void IncidentClosed(WorkspaceContext ctx, Guid incidentId);

/// <summary>The register of breaks: opened once, closed when a look sees that the claim holds again.</summary>
public static class Incidents
{
    /// <summary>An incident was opened or closed.</summary>
    public const string Topic = "policy.incident";

    internal static async Task FollowAsync(
        WorkspaceContext ctx,
        string promiseId,
        int number,
        Finding finding,
        DateTimeOffset at,
        CancellationToken ct
    )
    {
        if (finding.Verdict == Verdict.Holds)
        {
            await CloseAsync(ctx, promiseId, number, at, ct);
        }
        else if (finding.Verdict == Verdict.Broken)
        {
            var id = Guid.CreateVersion7(at);
            var opened = await ctx.ExecuteAsync(
                $"""
                insert into kernel.incident (id, promise_id, claim_number, says, opened_at)
                values ({id}, {promiseId}, {number}, {finding.Says}, {at})
                on conflict (workspace_id, promise_id, claim_number) where closed_at is null do nothing
                """,
                ct
            );
            if (opened == 1)
            {
                ctx.Audit("incident.opened", "incident", id, new { promise = promiseId });
                ctx.Publish(Topic, id);
                foreach (var tell in ctx.Services.GetServices<IncidentOpened>())
                {
                    tell(ctx, id);
                }
            }
        }
    }

    /// <summary>The newest incidents, open ones first.</summary>
    public static Task<List<Incident>> ListAsync(WorkspaceContext ctx, int limit, CancellationToken ct) =>
        ctx.ListAsync(
            $"""
            select id, promise_id, claim_number, says, opened_at, alerted_at, closed_at from kernel.incident
             order by closed_at is not null, opened_at desc limit {limit}
            """,
            Read,
            ct
        );

    /// <summary>Open ones; null when there is none.</summary>
    public static async Task<int?> CountOpenAsync(WorkspaceContext ctx, CancellationToken ct) =>
        await ctx.ScalarAsync<long>($"select count(*) from kernel.incident where closed_at is null", ct) is > 0 and var open
            ? (int)open
            : null;

    public static Task<Incident?> FindAsync(WorkspaceContext ctx, Guid id, CancellationToken ct) =>
        ctx.FirstOrDefaultAsync(
            $"select id, promise_id, claim_number, says, opened_at, alerted_at, closed_at from kernel.incident where id = {id} for update",
            Read,
            ct
        );

    /// <summary>Notes that people were written to, once.</summary>
    public static Task AlertedAsync(WorkspaceContext ctx, Guid id, CancellationToken ct) =>
        ctx.ExecuteAsync($"update kernel.incident set alerted_at = {ctx.Now} where id = {id} and alerted_at is null", ct);

    private static async Task CloseAsync(WorkspaceContext ctx, string promiseId, int number, DateTimeOffset at, CancellationToken ct)
    {
        var closed = await ctx.ListAsync(
            $"""
            update kernel.incident set closed_at = {at}
             where promise_id = {promiseId} and claim_number = {number} and closed_at is null returning id
            """,
            row => row.GetGuid(0),
            ct
        );
        foreach (var id in closed)
        {
            ctx.Audit("incident.closed", "incident", id, new { promise = promiseId });
            ctx.Publish(Topic, id);
            foreach (var tell in ctx.Services.GetServices<IncidentClosed>())
            {
                tell(ctx, id);
            }
        }
    }

    private static Incident Read(Npgsql.NpgsqlDataReader row) =>
        new()
        {
            Id = row.GetGuid(0),
            PromiseId = row.GetString(1),
            ClaimNumber = row.GetInt32(2),
            Says = row.GetString(3),
            OpenedAt = row.GetFieldValue<DateTimeOffset>(4),
            AlertedAt = row.ValueOrNull<DateTimeOffset>(5),
            ClosedAt = row.ValueOrNull<DateTimeOffset>(6),
        };
}
