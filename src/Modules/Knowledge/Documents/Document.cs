namespace Tenet.Knowledge.Documents;

/// <summary>What a page, an upload or a question-and-answer entry says, free of its markup.</summary>
/// <param name="Language">BCP 47 tag the source states, if any.</param>
internal sealed record Document(string Title, string? Language, IReadOnlyList<Section> Sections)
{
    public bool IsEmpty => Sections.All(s => s.Blocks.Count == 0);
}

/// <summary>The text under one heading.</summary>
/// <param name="Path">The headings that lead here, outermost first, without the document's title.</param>
/// <param name="Anchor">The fragment that scrolls to the heading, without #.</param>
internal sealed record Section(IReadOnlyList<string> Path, string? Anchor)
{
    public List<Block> Blocks { get; } = [];
}

internal enum BlockKind
{
    Paragraph,
    ListItem,

    /// <summary>An entry of an ordered list, with its number.</summary>
    Step,
    Code,

    /// <summary>Rows by line, cells by " | ".</summary>
    Table,
}

internal readonly record struct Block(BlockKind Kind, string Text)
{
    /// <summary>Light Markdown, as a person reads it and a model takes it.</summary>
    public string ToMarkdown() =>
        Kind switch
        {
            BlockKind.ListItem => "- " + Text,
            BlockKind.Code => "```\n" + Text + "\n```",
            _ => Text,
        };
}
