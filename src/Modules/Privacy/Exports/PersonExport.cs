using Tenet.Kernel.DataMaps;

namespace Tenet.Privacy.Exports;

internal enum ExportState
{
    Waiting,
    Ready,
    Taken,
    Expired,
}

/// <summary>A copy of what is held of a person, made for them: a sealed zip behind a link that works once.</summary>
[Record("privacy.person_export", Purpose.Accountability, Keep = "privacy.exports")]
[NoSubject(
    "Names the rows of a person until the copy is made or has expired; the copy itself is sealed with the person's key and goes with it."
)]
internal sealed record PersonExport
{
    [Operational]
    public required Guid Id { get; init; }

    /// <summary>The rows that stand for the person; null once the copy is made.</summary>
    [Personal(Category.Pseudonym)]
    public Guid[]? Persons { get; init; }

    [Operational]
    public required ExportState State { get; init; }

    /// <summary>SHA-256 of the link's token.</summary>
    [Personal(Category.Credentials)]
    public required byte[] TokenHash { get; init; }

    [Operational]
    public Guid? BlobId { get; init; }

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

/// <summary>Which columns a person's copy holds, and why another is left out.</summary>
internal static class ExportColumns
{
    /// <summary>Null when the column is in the copy.</summary>
    public static string? Withheld(ColumnMap column) =>
        column switch
        {
            { Category: Category.Credentials or Category.SystemCredentials } =>
                "Who holds it could act in the person's place; it says nothing of them.",
            { Class: DataClass.Sealed, Under: KeyKind.Special } => "Sealed content of a file: the file itself is in the copy.",
            { Class: DataClass.Sealed, Under: KeyKind.Installation } => "Sealed for the installation and opened by nobody but its owner.",
            _ => null,
        };

    /// <summary>The tables of a person's copy: those that say something about them in a column that is not withheld.</summary>
    public static IEnumerable<SubjectTable> Tables(SubjectGraph graph) =>
        graph.Tenants.Where(table => table.Personal.Any(column => Withheld(column) is null)).Reverse();
}
