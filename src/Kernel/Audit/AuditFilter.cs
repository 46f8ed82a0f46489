using Tenet.Kernel.Workspaces;

namespace Tenet.Kernel.Audit;

/// <summary>Which entries of a trail; null means all.</summary>
public sealed record AuditFilter
{
    public string? Action { get; init; }
    public ActorKind? ActorKind { get; init; }
    public Guid? ActorId { get; init; }
    public Guid? SubjectId { get; init; }

    public Guid? EntryId { get; init; }

    /// <summary>From this moment on.</summary>
    public DateTimeOffset? From { get; init; }

    /// <summary>Before this moment.</summary>
    public DateTimeOffset? Until { get; init; }

    public bool IsAll => this == new AuditFilter();

    /// <summary>A condition on <c>audit.entry e</c>.</summary>
    public Sql Condition
    {
        get
        {
            Sql condition = $"true";
            if (Action is not null)
            {
                condition = $"{condition} and e.action = {Action}";
            }
            if (ActorKind is { } kind)
            {
                condition = $"{condition} and e.actor_kind = {kind}";
            }
            if (ActorId is { } actor)
            {
                condition = $"{condition} and e.actor_id = {actor}";
            }
            if (SubjectId is { } subject)
            {
                condition = $"{condition} and e.subject_id = {subject}";
            }
            if (EntryId is { } entry)
            {
                condition = $"{condition} and e.id = {entry}";
            }
            // Ids begin with the time, and the key is in their order: no second index is needed.
            if (From is { } from)
            {
                condition = $"{condition} and e.id >= {FirstIdOf(from)}";
            }
            if (Until is { } until)
            {
                condition = $"{condition} and e.id < {FirstIdOf(until)}";
            }
            return condition;
        }
    }

    private static Guid FirstIdOf(DateTimeOffset time)
    {
        Span<byte> id = stackalloc byte[16];
        id.Clear();
        System.Buffers.Binary.BinaryPrimitives.WriteInt64BigEndian(id, Math.Max(0, time.ToUnixTimeMilliseconds()) << 16);
        return new Guid(id, bigEndian: true);
    }
}
