using System.Text.Json;
using System.Text.RegularExpressions;
using Tenet.Assistant;
using Tenet.Kernel.DataMaps;

namespace Tenet.Inbox;

public enum MessageAuthor
{
    Visitor,
    Assistant,
    Member,
    System,
}

/// <summary>Text is seen by both sides, a note by the team only, an event says what happened (its text is a code).</summary>
public enum MessageKind
{
    Text,
    Note,
    Event,
}

/// <summary>What was said, numbered within its conversation. Never changed, but for the feedback on it.</summary>
[Record("inbox.message", Purpose.CustomerSupport, Keep = "inbox.conversations")]
public sealed partial class Message
{
    private const int PreviewLength = 140;

    [Operational]
    public Guid ConversationId { get; init; }

    [Operational]
    public long Seq { get; init; }

    [Operational]
    public Guid Id { get; init; }

    /// <summary>The sender's own id of the message: sent twice, it is stored once.</summary>
    [Operational]
    public Guid? ClientId { get; init; }

    [Operational]
    public MessageAuthor Author { get; init; }

    [Personal(Category.Pseudonym), Mentions]
    public Guid? AuthorId { get; init; }

    [Operational]
    public MessageKind Kind { get; init; }

    [Personal(Category.Content)]
    public string Text { get; init; } = "";

    /// <summary>JSON list of <see cref="Citation"/>.</summary>
    [Operational]
    public string? Citations { get; init; }

    /// <summary>The turn that this message asked for, or that it answers.</summary>
    [Operational, Owns("assistant.turn")]
    public Guid? TurnId { get; init; }

    [Operational]
    public TurnState? TurnState { get; init; }

    [Personal(Category.Feedback)]
    public bool? Helpful { get; set; }

    [Personal(Category.Feedback)]
    public string? Comment { get; set; }

    [Operational]
    public DateTimeOffset At { get; init; }

    [NoColumn]
    internal IReadOnlyList<Citation> CitationList => CitationJson.Read(Citations);

    /// <summary>One line of a list: without bullets, badges and breaks.</summary>
    internal static string PreviewOf(string text)
    {
        var line = Breaks().Replace(Badges().Replace(text, ""), " ").Trim();
        return line.Length <= PreviewLength ? line : string.Concat(line.AsSpan(0, PreviewLength - 1), "…");
    }

    [GeneratedRegex(@" ?\[\d{1,2}\]", RegexOptions.CultureInvariant, 2000)]
    private static partial Regex Badges();

    [GeneratedRegex(@"\s*[\r\n]\s*(- |\d{1,2}\. )?", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 2000)]
    private static partial Regex Breaks();
}

internal static class CitationJson
{
    public static string? Write(IReadOnlyList<Citation> citations) =>
        citations.Count == 0 ? null : JsonSerializer.Serialize(citations, JsonSerializerOptions.Web);

    public static IReadOnlyList<Citation> Read(string? json) =>
        json is null ? [] : JsonSerializer.Deserialize<List<Citation>>(json, JsonSerializerOptions.Web) ?? [];
}
