using Npgsql;
using Tenet.Kernel.Http;
using Tenet.Kernel.Policies;
using Tenet.Kernel.Postgres;
using Tenet.Kernel.Workspaces;

namespace Tenet.Privacy.Alerts;

/// <summary>What is to be told to whom: written down in the transaction that knows of it, posted by <see cref="SendAlert"/>.</summary>
internal sealed class AlertMessages(OperatorOptions options)
{
    /// <summary>Tells the workspace's receiver and the operator's, where there is one, of a break.</summary>
    public async Task BrokenAsync(WorkspaceContext ctx, Incident incident, CancellationToken ct)
    {
        if (await ctx.ScalarAsync<bool>($"select exists (select from privacy.alert_hook)", ct))
        {
            await WriteAsync(ctx, incident.Id, AlertType.Broken, AlertReceiver.Workspace, incident.OpenedAt, ct);
        }
        if (options.AlertUrl is not null)
        {
            await WriteAsync(ctx, incident.Id, AlertType.Broken, AlertReceiver.Operator, incident.OpenedAt, ct);
        }
    }

    /// <summary>Tells whoever was told of the break that it is over.</summary>
    public static async Task RecoveredAsync(WorkspaceContext ctx, Incident incident, CancellationToken ct)
    {
        var told = await ctx.ListAsync(
            $"select receiver from privacy.alert_message where incident_id = {incident.Id} and type = 'broken'",
            row => SqlValue.Enum<AlertReceiver>(row.GetString(0)),
            ct
        );
        foreach (var receiver in told)
        {
            await WriteAsync(ctx, incident.Id, AlertType.Recovered, receiver, incident.ClosedAt!.Value, ct);
        }
    }

    /// <exception cref="ConflictException">There is no address to try.</exception>
    public static async Task TestAsync(WorkspaceContext ctx, CancellationToken ct)
    {
        if (!await ctx.ScalarAsync<bool>($"select exists (select from privacy.alert_hook)", ct))
        {
            throw new ConflictException("There is no address any more. Reload the page.");
        }
        await WriteAsync(ctx, null, AlertType.Test, AlertReceiver.Workspace, ctx.Now, ct);
    }

    public static Task<List<AlertMessage>> ListAsync(WorkspaceContext ctx, AlertReceiver receiver, int limit, CancellationToken ct) =>
        ctx.ListAsync(
            $"""
            select id, incident_id, type, receiver, state, happened_at, attempts, outcome, tried_at from privacy.alert_message
             where receiver = {SqlValue.Text(receiver)} order by happened_at desc, id desc limit {limit}
            """,
            Read,
            ct
        );

    /// <returns>Null when it is not waiting any more.</returns>
    public static Task<AlertMessage?> FindWaitingAsync(WorkspaceContext ctx, Guid id, CancellationToken ct) =>
        ctx.FirstOrDefaultAsync(
            $"""
            select id, incident_id, type, receiver, state, happened_at, attempts, outcome, tried_at from privacy.alert_message
             where id = {id} and state = 'waiting'
            """,
            Read,
            ct
        );

    public static async Task TriedAsync(WorkspaceContext ctx, Guid id, AlertState state, string outcome, CancellationToken ct)
    {
        await ctx.ExecuteAsync(
            $"""
            update privacy.alert_message set state = {SqlValue.Text(
                state
            )}, outcome = {outcome}, attempts = attempts + 1, tried_at = {ctx.Now}
             where id = {id} and state = 'waiting'
            """,
            ct
        );
        ctx.Publish(AlertHooks.Topic, id);
    }

    private static async Task WriteAsync(
        WorkspaceContext ctx,
        Guid? incident,
        AlertType type,
        AlertReceiver receiver,
        DateTimeOffset at,
        CancellationToken ct
    )
    {
        var id = Guid.CreateVersion7(ctx.Now);
        var isNew = await ctx.ExecuteAsync(
            $"""
            insert into privacy.alert_message (id, incident_id, type, receiver, state, happened_at)
            values ({id}, {incident}, {SqlValue.Text(type)}, {SqlValue.Text(receiver)}, 'waiting', {at})
            on conflict (workspace_id, incident_id, type, receiver) where incident_id is not null do nothing
            """,
            ct
        );
        if (isNew == 1)
        {
            ctx.Enqueue(SendAlert.Kind, id);
        }
    }

    private static AlertMessage Read(NpgsqlDataReader row) =>
        new()
        {
            Id = row.GetGuid(0),
            IncidentId = row.ValueOrNull<Guid>(1),
            Type = SqlValue.Enum<AlertType>(row.GetString(2)),
            Receiver = SqlValue.Enum<AlertReceiver>(row.GetString(3)),
            State = SqlValue.Enum<AlertState>(row.GetString(4)),
            HappenedAt = row.GetFieldValue<DateTimeOffset>(5),
            Attempts = row.GetInt32(6),
            Outcome = row.TextOrNull(7),
            TriedAt = row.ValueOrNull<DateTimeOffset>(8),
        };
}
