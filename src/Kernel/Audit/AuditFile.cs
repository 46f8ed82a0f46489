using System.Text.Json;
using System.Text.Json.Serialization;
using Tenet.Kernel.Audit.Checkpoints;
using Tenet.Kernel.Audit.Merkle;
using Tenet.Kernel.Postgres;
using Tenet.Kernel.Workspaces;

namespace Tenet.Kernel.Audit;

/// <summary>The first line of an exported trail.</summary>
/// <param name="Tenet">The format: <see cref="AuditFile.Format"/>.</param>
/// <param name="Whole">Whether nothing was left out: no filter.</param>
/// <param name="Checkpoint">The signed note that the proofs lead to; null when there is none yet.</param>
/// <param name="Key">The key that verifies it. To be compared with one that was received on another way.</param>
internal sealed record AuditFileHead(string Tenet, Guid Workspace, DateTimeOffset ExportedAt, bool Whole, string? Checkpoint, string Key);

/// <summary>One entry with its inclusion proof, from the leaf's sibling up; without one when no checkpoint covers it yet.</summary>
internal sealed record AuditFileEntry(
    long? Position,
    Guid Id,
    DateTimeOffset At,
    string ActorKind,
    Guid? ActorId,
    string Action,
    string SubjectKind,
    Guid SubjectId,
    string? Details,
    byte[]? Salt,
    byte[] Commitment,
    IReadOnlyList<byte[]>? Proof
)
{
    public static AuditFileEntry Of(AuditEntry e, long? position, IReadOnlyList<byte[]>? proof) =>
        new(
            position,
            e.Id,
            e.At,
            SqlValue.Text(e.ActorKind),
            e.ActorId,
            e.Action,
            e.SubjectKind,
            e.SubjectId,
            e.Details,
            e.Salt,
            e.Commitment,
            proof
        );

    /// <exception cref="ArgumentException">The kind of actor is none.</exception>
    public AuditEntry ToEntry() =>
        new()
        {
            Id = Id,
            At = At,
            ActorKind = SqlValue.Enum<ActorKind>(ActorKind),
            ActorId = ActorId,
            Action = Action,
            SubjectKind = SubjectKind,
            SubjectId = SubjectId,
            Details = Details,
            Salt = Salt,
            Commitment = Commitment,
        };
}

/// <summary>The last line: a file without it was cut off.</summary>
internal sealed record AuditFileEnd(long Entries);

/// <summary>What verifying an exported trail found out.</summary>
/// <param name="Proven">Entries whose proof leads to the checkpoint.</param>
/// <param name="Unproven">Entries that no checkpoint covered when they were exported.</param>
/// <param name="Key">The key that was used.</param>
/// <param name="TrustsItself">The key was the file's own, so that the file proves nothing against who made it.</param>
/// <param name="Complete">No entry is missing between the first and the last one.</param>
public sealed record AuditFileReport(
    Guid? Workspace,
    long Proven,
    long Unproven,
    bool Complete,
    SignedCheckpoint? Checkpoint,
    string Key,
    bool TrustsItself,
    IReadOnlyList<string> Findings
);

/// <summary>An exported trail: JSON lines, each entry with its proof, verified without a database and without a network.</summary>
public static class AuditFile
{
    public const string Format = "audit/1";
    private const int LongestLine = 1_000_000;

    internal static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        PropertyNameCaseInsensitive = false,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
    };

    /// <param name="key">The key to believe, as <c>tenet audit key</c> prints it; null takes the file's own.</param>
    /// <exception cref="FormatException">The key is none, or the file is no exported trail.</exception>
    public static async Task<AuditFileReport> VerifyAsync(TextReader file, string? key, CancellationToken ct)
    {
        var lines = new Lines(file);
        var head =
            Parse<AuditFileHead>(await lines.NextAsync(ct))
            ?? throw new FormatException("This is not an exported audit trail: its first line is not the head of one.");
        if (!head.Tenet.Equals(Format, StringComparison.Ordinal))
        {
            throw new FormatException($"The file is of the format {head.Tenet}, this program reads {Format}.");
        }
        var trusted = CheckpointKey.Parse(key ?? head.Key);
        var findings = new List<string>();
        var checkpoint = Open(head, trusted, findings);
        var (proven, unproven, last, gaps) = (0L, 0L, (long?)null, false);
        AuditFileEnd? end = null;
        for (var number = 2; end is null && await lines.NextAsync(ct) is { } line; number++)
        {
            if (Parse<AuditFileEntry>(line) is { } entry)
            {
                var fault = Verify(head.Workspace, entry, checkpoint);
                if (fault is not null && findings.Count < AuditReport.MostFindings)
                {
                    findings.Add($"Line {number}: {fault}");
                }
                gaps |= entry.Position is { } position && last is { } before && position != before + 1;
                last = entry.Position ?? last;
                (proven, unproven) = entry.Proof is null ? (proven, unproven + 1) : (proven + (fault is null ? 1 : 0), unproven);
            }
            else if ((end = Parse<AuditFileEnd>(line)) is null)
            {
                findings.Add($"Line {number} is not an entry.");
                break;
            }
        }
        if (end is null)
        {
            findings.Add("The file has no last line: it was cut off.");
        }
        return new AuditFileReport(
            head.Workspace,
            proven,
            unproven,
            head.Whole && !gaps,
            checkpoint,
            trusted.ToString(),
            key is null,
            findings
        );
    }

    private static SignedCheckpoint? Open(AuditFileHead head, CheckpointKey key, List<string> findings)
    {
        try
        {
            if (!key.Name.Equals(CheckpointKey.OriginOf(head.Workspace), StringComparison.Ordinal))
            {
                throw new CheckpointException("The key is of another workspace.");
            }
            return head.Checkpoint is null ? null : key.Open(head.Checkpoint);
        }
        catch (CheckpointException e)
        {
            findings.Add(e.Message);
            return null;
        }
    }

    private static string? Verify(Guid workspace, AuditFileEntry line, SignedCheckpoint? checkpoint)
    {
        AuditEntry entry;
        try
        {
            entry = line.ToEntry();
        }
        catch (ArgumentException)
        {
            return "nobody of that kind acts.";
        }
        if (entry.HasItsDetails == false)
        {
            return "the details are not those that were written.";
        }
        if (line.Proof is not { } proof)
        {
            return null;
        }
        if (checkpoint is null)
        {
            return "there is no checkpoint that its proof could lead to.";
        }
        return
            line.Position is { } position
            && MerkleTree.Includes(checkpoint.Root, position - 1, checkpoint.Size, AuditChain.Leaf(workspace, entry), proof)
            ? null
            : "the entry is not the one that stands there in the trail, or its proof was changed.";
    }

    private static T? Parse<T>(string? line)
        where T : class
    {
        try
        {
            return line is null ? null : JsonSerializer.Deserialize<T>(line, Json);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>Lines of a bounded length: a file of one endless line is not read into memory.</summary>
    private sealed class Lines(TextReader file)
    {
        private readonly char[] _buffer = new char[16_384];
        private int _at;
        private int _end;

        /// <returns>Null at the end.</returns>
        /// <exception cref="FormatException">The line is longer than any entry.</exception>
        public async ValueTask<string?> NextAsync(CancellationToken ct)
        {
            var line = new System.Text.StringBuilder();
            while (true)
            {
                if (_at == _end)
                {
                    (_at, _end) = (0, await file.ReadAsync(_buffer, ct));
                    if (_end == 0)
                    {
                        return line.Length > 0 ? line.ToString() : null;
                    }
                }
                var length = _buffer.AsSpan(_at, _end - _at).IndexOf('\n');
                line.Append(_buffer, _at, length < 0 ? _end - _at : length);
                if (line.Length > LongestLine)
                {
                    throw new FormatException("A line of the file is longer than an entry can be.");
                }
                _at = length < 0 ? _end : _at + length + 1;
                if (length >= 0)
                {
                    return line.ToString();
                }
            }
        }
    }
}
