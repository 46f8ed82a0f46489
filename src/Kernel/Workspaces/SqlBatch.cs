using Npgsql;
using Tenet.Kernel.Audit;
using Tenet.Kernel.Events;
using Tenet.Kernel.Jobs;

namespace Tenet.Kernel.Workspaces;

/// <summary>Statements that travel together in one round trip, with the entries, events and jobs that belong to them.</summary>
public sealed class SqlBatch
{
    private readonly List<Sql> _statements = [];
    private readonly List<WorkspaceEvent> _events = [];

    internal SqlBatch(Guid workspaceId, Actor actor, DateTimeOffset now)
    {
        WorkspaceId = workspaceId;
        Actor = actor;
        Now = now;
    }

    public Guid WorkspaceId { get; }
    public Actor Actor { get; }
    public DateTimeOffset Now { get; }

    internal bool IsEmpty => _statements.Count == 0;
    internal IReadOnlyList<WorkspaceEvent> Events => _events;
    internal bool WakesJobs { get; private set; }

    public void Add(Sql sql) => _statements.Add(sql);

    /// <summary>One entry of the audit trail. <paramref name="details"/> holds ids, enums and numbers, never content.</summary>
    public void Audit(string action, string subjectKind, Guid subjectId, object? details = null) =>
        Audit(Actor, action, subjectKind, subjectId, details);

    public void Audit(Actor actor, string action, string subjectKind, Guid subjectId, object? details = null)
    {
        var entry = AuditEntry.Of(actor, action, subjectKind, subjectId, details, Now);
        Add(
            $"""
            with entry as (
              insert into audit.entry (id, at, actor_kind, actor_id, action, subject_kind, subject_id, details, salt, commitment)
              values ({entry.Id}, {entry.At}, {entry.ActorKind}, {entry.ActorId}::uuid, {entry.Action}, {entry.SubjectKind}, {entry.SubjectId},
                      {entry.Details}::text, {entry.Salt}, {entry.Commitment})
              returning id)
            insert into audit.due (entry_id) select id from entry
            """
        );
    }

    /// <summary>Tells every node after the commit that something changed. Carries ids only.</summary>
    public void Publish(string topic, Guid id)
    {
        if (_events.Exists(e => e.Id == id && e.Topic.Equals(topic, StringComparison.Ordinal)))
        {
            return;
        }
        var item = new WorkspaceEvent(WorkspaceId, topic, id) { EventId = Guid.CreateVersion7(Now) };
        _events.Add(item);
        Add($"insert into kernel.event (id, topic, subject_id) values ({item.EventId}, {topic}, {id})");
    }

    /// <summary>Puts a job into the queue. With a unique key there is one such job at a time; one that runs already runs once more.</summary>
    public void Enqueue(string kind, Guid subjectId, TimeSpan? delay = null, string? uniqueKey = null)
    {
        WakesJobs |= delay is null;
        Add(JobStatements.Enqueue(Guid.CreateVersion7(Now), kind, subjectId, delay ?? TimeSpan.Zero, uniqueKey));
    }

    /// <summary>Takes a waiting job back, by its unique key.</summary>
    public void Withdraw(string kind, string uniqueKey) => Add(JobStatements.Withdraw(kind, uniqueKey));

    internal void AddTo(NpgsqlBatch batch)
    {
        foreach (var sql in _statements)
        {
            batch.BatchCommands.Add(sql.ToBatchCommand());
        }
    }
}
