namespace Tenet.Knowledge.Documents;

/// <summary>Collects headings and blocks in reading order into sections. Can be rolled back to a mark: a block that turns out to be navigation goes.</summary>
internal sealed class DocumentBuilder(int maxCharacters)
{
    (int Level, string Text)[] path = [];
    readonly List<Section> sections = [new([], null)];
    int characters;

    public bool IsFull => characters >= maxCharacters;

    public int Characters => characters;

    public string? FirstHeading { get; private set; }

    public int HeadingCount { get; private set; }

    public void AddHeading(int level, string text, string? anchor)
    {
        if (text.Length == 0)
            return;
        FirstHeading ??= text;
        HeadingCount++;
        path = [.. path.TakeWhile(h => h.Level < level), (level, text)];
        sections.Add(new Section([.. path.Select(h => h.Text)], anchor));
    }

    public void Add(BlockKind kind, string text)
    {
        if (text.Length == 0 || IsFull)
            return;
        var room = maxCharacters - characters;
        sections[^1].Blocks.Add(new Block(kind, text.Length <= room ? text : text[..room]));
        characters += text.Length;
    }

    public Position Mark() => new(sections.Count, sections[^1].Blocks.Count, characters, HeadingCount, path);

    public void RollBack(Position to)
    {
        sections.RemoveRange(to.Sections, sections.Count - to.Sections);
        sections[^1].Blocks.RemoveRange(to.Blocks, sections[^1].Blocks.Count - to.Blocks);
        characters = to.Characters;
    }

    /// <summary>Leaves a container: headings inside it do not govern what comes after it.</summary>
    public void LeaveScope(Position entered)
    {
        if (HeadingCount == entered.Headings)
            return;
        var governing = sections[entered.Sections - 1];
        path = entered.Path;
        sections.Add(new Section(governing.Path, governing.Anchor));
    }

    public Document Build(string title, string? language)
    {
        var kept = new List<Section>(sections.Count);
        foreach (var section in sections)
        {
            if (section.Blocks.Count == 0)
                continue;
            var withoutTitle = section.Path.Count > 0 && string.Equals(section.Path[0], title, StringComparison.OrdinalIgnoreCase);
            var shown = withoutTitle ? new Section([.. section.Path.Skip(1)], section.Anchor) : section;
            if (withoutTitle)
                shown.Blocks.AddRange(section.Blocks);
            kept.Add(shown);
        }
        return new Document(title, language, kept);
    }

    public readonly record struct Position(int Sections, int Blocks, int Characters, int Headings, (int Level, string Text)[] Path);
}
