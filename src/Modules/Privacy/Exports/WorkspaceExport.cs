using Tenet.Kernel.DataMaps;

namespace Tenet.Privacy.Exports;

/// <summary>All that a workspace holds, as one JSON file behind a link that works once.</summary>
[Record("privacy.workspace_export", Purpose.Accountability, Keep = "privacy.exports")]
[NoSubject("Names nobody; the file itself is sealed under the workspace's key and goes after days.")]
internal sealed record WorkspaceExport
{
    [Operational]
    public required Guid Id { get; init; }

    [Operational]
    public required ExportState State { get; init; }

    /// <summary>SHA-256 of the link's token.</summary>
    [Personal(Category.Credentials)]
    public required byte[] TokenHash { get; init; }

    [Operational]
    public Guid? BlobId { get; init; }

    /// <summary>How many rows are in it.</summary>
    [Operational]
    public long? Rows { get; init; }

    [Operational]
    public Guid? RequestedBy { get; init; }

    [Operational]
    public DateTimeOffset CreatedAt { get; init; }

    [Operational]
    public DateTimeOffset? ReadyAt { get; init; }

    [Operational]
    public DateTimeOffset ExpiresAt { get; init; }

    [Operational]
    public DateTimeOffset? TakenAt { get; init; }
}
