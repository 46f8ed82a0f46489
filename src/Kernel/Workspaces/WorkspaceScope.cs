using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Tenet.Kernel.Events;
using Tenet.Kernel.Jobs;
using Tenet.Kernel.Postgres;

namespace Tenet.Kernel.Workspaces;

/// <summary>
/// The one door to tenants' data: one connection, one transaction as <c>tenet_app</c>, bound to one workspace by row-level security.
/// Nothing is awaited inside that is not the database: no model, no site, no shop.
/// </summary>
public sealed class WorkspaceScope(Databases databases, IServiceScopeFactory services, EventHub events, JobSignal jobs, TimeProvider time)
{
    public Task RunAsync(Guid workspaceId, Actor actor, Func<WorkspaceContext, Task> work, CancellationToken ct) =>
        RunAsync(
            workspaceId,
            actor,
            async context =>
            {
                await work(context);
                return true;
            },
            ct
        );

    public async Task<T> RunAsync<T>(Guid workspaceId, Actor actor, Func<WorkspaceContext, Task<T>> work, CancellationToken ct)
    {
        await using var context = await OpenAsync(workspaceId, actor, null, ct);
        try
        {
            var result = await work(context);
            await context.CommitAsync(ct);
            return result;
        }
        catch (Exception e) when (databases.Room.Note(e))
        {
            throw;
        }
    }

    /// <summary>Everything in one round trip and one implicit transaction, for hot paths.</summary>
    public async Task<T> BatchAsync<T>(
        Guid workspaceId,
        Actor actor,
        Action<SqlBatch> build,
        Func<BatchReader, Task<T>> read,
        CancellationToken ct
    )
    {
        var statements = new SqlBatch(workspaceId, actor, time.GetUtcNow());
        build(statements);
        T result;
        try
        {
            result = await ExecuteAsync(statements, read, ct);
        }
        catch (Exception e) when (databases.Room.Note(e))
        {
            throw;
        }
        CrashPoint.Reach("commit.after");
        Committed(statements);
        return result;
    }

    private async Task<T> ExecuteAsync<T>(SqlBatch statements, Func<BatchReader, Task<T>> read, CancellationToken ct)
    {
        await using var connection = await databases.OpenAppAsync(ct);
        await using var batch = new NpgsqlBatch(connection);
        batch.BatchCommands.Add(Bind(statements.WorkspaceId).ToBatchCommand());
        statements.AddTo(batch);
        CrashPoint.Reach("commit.before");
        await using var reader = await batch.ExecuteReaderAsync(ct);
        var results = new BatchReader(reader);
        await results.SkipAsync(ct);
        var result = await read(results);
        // An error of a later statement shows only when its result is reached.
        while (await reader.NextResultAsync(ct)) { }
        return result;
    }

    public Task BatchAsync(Guid workspaceId, Actor actor, Action<SqlBatch> build, CancellationToken ct) =>
        BatchAsync(workspaceId, actor, build, static _ => Task.FromResult(true), ct);

    internal async Task<WorkspaceContext> OpenAsync(Guid workspaceId, Actor actor, IServiceProvider? requestServices, CancellationToken ct)
    {
        try
        {
            return await BeginAsync(workspaceId, actor, requestServices, ct);
        }
        catch (Exception e) when (IsOutOfStep(e))
        {
            // The connection is broken by now and left the pool; nothing was done on it.
            return await BeginAsync(workspaceId, actor, requestServices, ct);
        }
    }

    /// <summary>
    /// A connection from the pool answers what somebody else asked: a statement that was cancelled at the wrong moment left it so. The driver has no type of
    /// its own for that.
    /// </summary>
    private static bool IsOutOfStep(Exception e) => e.GetType() == typeof(Exception) && e.Source == nameof(Npgsql);

    private async Task<WorkspaceContext> BeginAsync(Guid workspaceId, Actor actor, IServiceProvider? requestServices, CancellationToken ct)
    {
        AsyncServiceScope? own = requestServices is null ? services.CreateAsyncScope() : null;
        NpgsqlConnection? connection = null;
        try
        {
            connection = await databases.OpenAppAsync(ct);
            // Npgsql sends BEGIN with the next statement: one round trip.
            var transaction = await connection.BeginTransactionAsync(ct);
            await using (var bind = Bind(workspaceId).ToCommand(connection, transaction))
            {
                await bind.ExecuteNonQueryAsync(ct);
            }
            var provider = requestServices ?? own!.Value.ServiceProvider;
            return new WorkspaceContext(this, connection, transaction, workspaceId, actor, time.GetUtcNow(), provider, own);
        }
        catch
        {
            if (connection is not null)
            {
                await connection.DisposeAsync();
            }
            if (own is { } scope)
            {
                await scope.DisposeAsync();
            }
            throw;
        }
    }

    internal void Committed(SqlBatch statements)
    {
        events.Committed(statements.Events);
        if (statements.WakesJobs)
        {
            jobs.Wake(statements.WorkspaceId);
        }
    }

    private static Sql Bind(Guid workspaceId)
    {
        Sql bound = $"select set_config('tenet.workspace', {workspaceId.ToString()}, true)";
        if (!RestrictedRows.AreShown)
        {
            return bound;
        }
        return $"{bound}, set_config('tenet.restricted', 'shown', true)";
    }
}
