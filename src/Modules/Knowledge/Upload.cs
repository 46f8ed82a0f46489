using Tenet.Kernel.DataMaps;

namespace Tenet.Knowledge;

internal enum UploadFormat
{
    Markdown,
    Html,
    Text,
    Csv,
}

/// <summary>A file a member brought, as it was.</summary>
[Record("knowledge.upload", Purpose.KnowledgeBase, Keep = "knowledge.sources")]
internal sealed class Upload
{
    public const int MostCharacters = 5_000_000;

    [Operational]
    public required Guid Id { get; init; }

    [Operational]
    public required Guid SourceId { get; init; }

    [Operational]
    public required string FileName { get; init; }

    [Operational]
    public required UploadFormat Format { get; init; }

    [Operational]
    public required string Content { get; init; }

    [Operational]
    public required DateTimeOffset CreatedAt { get; init; }

    [Operational]
    public Guid? CreatedBy { get; init; }

    /// <summary>Null when the ending is none of ours.</summary>
    public static UploadFormat? FormatOf(string fileName) =>
        Path.GetExtension(fileName).ToLowerInvariant() switch
        {
            ".md" or ".markdown" => UploadFormat.Markdown,
            ".html" or ".htm" or ".xhtml" => UploadFormat.Html,
            ".txt" or ".text" => UploadFormat.Text,
            ".csv" => UploadFormat.Csv,
            _ => null,
        };
}

/// <summary>An answer the team wrote itself.</summary>
[Record("knowledge.question_answer", Purpose.KnowledgeBase, Keep = "knowledge.sources")]
internal sealed class QuestionAnswer
{
    [Operational]
    public required Guid Id { get; init; }

    [Operational]
    public required Guid SourceId { get; init; }

    [Operational]
    public required string Question { get; set; }

    [Operational]
    public required string Answer { get; set; }

    /// <summary>Where visitors can read on.</summary>
    [Operational]
    public string? Url { get; set; }

    [Operational]
    public required DateTimeOffset UpdatedAt { get; set; }

    [Operational]
    public Guid? UpdatedBy { get; set; }
}
