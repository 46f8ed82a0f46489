using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Tenet.Kernel.DataMaps;
using Tenet.Kernel.Workspaces;

namespace Tenet.Kernel.Audit;

/// <summary>One action of a person or of the machine. The chain commits to a hash of it, so that it can be erased.</summary>
[Retained(
    "The audit log is kept for its time as evidence of what was done; it holds ids and numbers, and its details can be erased one by one."
)]
[Record("audit.entry", Purpose.Accountability, Keep = "audit.log")]
public sealed record AuditEntry
{
    [Operational]
    public required Guid Id { get; init; }

    [Operational]
    public required DateTimeOffset At { get; init; }

    [Operational]
    public required ActorKind ActorKind { get; init; }

    [Personal(Category.UniqueId), Refers(RefersAttribute.AnyPerson)]
    public Guid? ActorId { get; init; }

    [Operational]
    public required string Action { get; init; }

    [Operational]
    public required string SubjectKind { get; init; }

    [Operational]
    public required Guid SubjectId { get; init; }

    /// <summary>JSON of ids, enums and numbers; null when the action says it all, or after erasure.</summary>
    [Operational]
    public string? Details { get; init; }

    /// <summary>Gone with the details when they are erased: without it nobody can try out what they were.</summary>
    [Operational]
    public byte[]? Salt { get; init; }

    /// <summary>H(salt ‖ details). Gone with the entry, which makes the leaf that stays behind a number without a meaning.</summary>
    [Operational]
    public required byte[] Commitment { get; init; }

    /// <summary>Enums by their names: a number tells a reader nothing, and another one after the next release.</summary>
    private static readonly JsonSerializerOptions DetailsInWords = new(JsonSerializerDefaults.Web)
    {
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower) },
    };

    /// <summary>Whether the details are those that were written; null once they are erased.</summary>
    internal bool? HasItsDetails =>
        Salt is null ? (Details is null ? null : false) : Commitment.AsSpan().SequenceEqual(Commit(Salt, Details));

    private static byte[] Commit(byte[] salt, string? details) => SHA256.HashData([.. salt, .. Encoding.UTF8.GetBytes(details ?? "")]);

    internal static AuditEntry Of(Actor actor, string action, string subjectKind, Guid subjectId, object? details, DateTimeOffset now)
    {
        var salt = Secrets.Bytes(16);
        var json = details is null ? null : JsonSerializer.Serialize(details, DetailsInWords);
        return new AuditEntry
        {
            Id = Guid.CreateVersion7(now),
            // PostgreSQL keeps microseconds; the chain must hash what is read back.
            At = new DateTimeOffset(now.UtcTicks - (now.UtcTicks % TimeSpan.TicksPerMicrosecond), TimeSpan.Zero),
            ActorKind = actor.Kind,
            ActorId = actor.Id,
            Action = action,
            SubjectKind = subjectKind,
            SubjectId = subjectId,
            Details = json,
            Salt = salt,
            Commitment = Commit(salt, json),
        };
    }
}
