using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Tenet.Kernel.DataMaps;
using Tenet.Kernel.Http;
using Tenet.Kernel.Jobs;

namespace Tenet.Kernel.Workspaces;

/// <summary>
/// One workspace, one actor, one transaction. Handed to everything that touches a tenant's data; made by <see cref="WorkspaceScope"/> only.
/// Endpoints take it as a parameter; it is committed when the handler has returned, before the response is written.
/// </summary>
public sealed class WorkspaceContext : DataContext
{
    private readonly List<ModuleDbContext> _databases = [];
    private readonly SqlBatch _pending;
    private readonly WorkspaceScope _scope;
    private readonly AsyncServiceScope? _ownServices;

    internal WorkspaceContext(
        WorkspaceScope scope,
        NpgsqlConnection connection,
        NpgsqlTransaction transaction,
        Guid workspaceId,
        Actor actor,
        DateTimeOffset now,
        IServiceProvider services,
        AsyncServiceScope? ownServices
    )
        : base(connection, transaction)
    {
        _scope = scope;
        _pending = new SqlBatch(workspaceId, actor, now);
        Services = services;
        _ownServices = ownServices;
    }

    public Guid WorkspaceId => _pending.WorkspaceId;
    public Actor Actor => _pending.Actor;
    public DateTimeOffset Now => _pending.Now;
    public IServiceProvider Services { get; }

    /// <summary>A module's entities on this transaction; changes are saved before the commit.</summary>
    public T Db<T>()
        where T : ModuleDbContext
    {
        if (_databases.OfType<T>().FirstOrDefault() is { } open)
        {
            return open;
        }
        var db = Services.GetRequiredService<ModuleDatabase<T>>().Open(Connection);
        db.Database.UseTransaction(Transaction);
        _databases.Add(db);
        return db;
    }

    /// <inheritdoc cref="SqlBatch.Audit(string, string, Guid, object?)"/>
    public void Audit(string action, string subjectKind, Guid subjectId, object? details = null) =>
        _pending.Audit(action, subjectKind, subjectId, details);

    /// <inheritdoc cref="SqlBatch.Publish"/>
    public void Publish(string topic, Guid id) => _pending.Publish(topic, id);

    /// <inheritdoc cref="SqlBatch.Enqueue"/>
    public void Enqueue(string kind, Guid subjectId, TimeSpan? delay = null, string? uniqueKey = null) =>
        _pending.Enqueue(kind, subjectId, delay, uniqueKey);

    /// <summary>A statement that goes out with the commit, in the same round trip as its entries and events.</summary>
    public void Later(Sql sql) => _pending.Add(sql);

    /// <summary>Runs a kind of job for a subject again and again; one run per tick, however many nodes.</summary>
    public void Schedule(string kind, Guid subjectId, TimeSpan every) => _pending.Add(JobStatements.Schedule(kind, subjectId, every));

    public void Unschedule(string kind, Guid subjectId) =>
        _pending.Add($"delete from kernel.schedule where kind = {kind} and subject_id = {subjectId}");

    public async Task SaveAsync(CancellationToken ct)
    {
        foreach (var db in _databases)
        {
            await db.SaveChangesAsync(ct);
        }
    }

    internal async Task CommitAsync(CancellationToken ct)
    {
        await SaveAsync(ct);
        if (!_pending.IsEmpty)
        {
            await using var batch = new NpgsqlBatch(Connection, Transaction);
            _pending.AddTo(batch);
            await batch.ExecuteNonQueryAsync(ct);
        }
        CrashPoint.Reach("commit.before");
        await Transaction.CommitAsync(ct);
        CrashPoint.Reach("commit.after");
        _scope.Committed(_pending);
    }

    public override async ValueTask DisposeAsync()
    {
        foreach (var db in _databases)
        {
            await db.DisposeAsync();
        }
        await base.DisposeAsync();
        if (_ownServices is { } services)
        {
            await services.DisposeAsync();
        }
    }

    /// <summary>Lets an endpoint of a group <c>InWorkspace</c> take the context as a parameter.</summary>
    public static ValueTask<WorkspaceContext?> BindAsync(HttpContext http) => WorkspaceEndpoints.OpenAsync(http);
}
