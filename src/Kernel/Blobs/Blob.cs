using Tenet.Kernel.DataMaps;

namespace Tenet.Kernel.Blobs;

/// <summary>Something large: an upload, a recording. Its chunks are sealed under a key of its own, which this row holds wrapped.</summary>
[Record("kernel.blob", Purpose.Operations, Keep = "kernel.blobs")]
internal sealed record Blob
{
    [Operational]
    public required Guid Id { get; init; }

    /// <summary>Under the workspace's key or, for what must be shreddable for one person, that person's.</summary>
    [Sealed(Category.SystemCredentials)]
    public required byte[] Key { get; init; }

    /// <summary>The person whose content it is, with whose key it is sealed; null when it is nobody's.</summary>
    [Personal(Category.Pseudonym), Refers(RefersAttribute.AnyPerson)]
    public Guid? SubjectId { get; init; }

    /// <summary>Bytes before sealing; null while it is being written.</summary>
    [Operational]
    public long? Length { get; init; }

    [Operational]
    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>When something took it over; what nobody took over is swept away.</summary>
    [Operational]
    public DateTimeOffset? KeptAt { get; init; }
}

[Record("kernel.blob_chunk", Purpose.Operations, Keep = "kernel.blobs")]
internal sealed record BlobChunk
{
    [Operational]
    public required Guid BlobId { get; init; }

    /// <summary>From 0.</summary>
    [Operational]
    public required int Position { get; init; }

    [Sealed(Category.Content, Under = KeyKind.Special)]
    public required byte[] Bytes { get; init; }
}
