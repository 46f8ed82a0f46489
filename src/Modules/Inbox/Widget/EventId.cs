using System.Globalization;

namespace Tenet.Inbox.Widget;

/// <summary>
/// The id of a streamed event: <c>SEQ-CONVERSATION</c>, with <c>.turn.offset</c> behind it for a piece of an answer. A resume counts from
/// SEQ if the conversation is still the same; a piece is made good by the whole answer so far.
/// </summary>
internal sealed record EventId(long Seq, string Conversation)
{
    public static string Of(Guid conversationId, long seq) => string.Create(CultureInfo.InvariantCulture, $"{seq}-{Short(conversationId)}");

    public static string Of(Guid conversationId, long seq, Guid turnId, int offset) =>
        string.Create(CultureInfo.InvariantCulture, $"{seq}-{Short(conversationId)}.{Short(turnId)}.{offset}");

    /// <returns>Null when the text is not one of ours: then everything is sent.</returns>
    public static EventId? Parse(string? text)
    {
        var durable = (text ?? "").Split('.', 2)[0].Split('-', 2);
        return durable.Length == 2 && long.TryParse(durable[0], NumberStyles.None, CultureInfo.InvariantCulture, out var seq)
            ? new EventId(seq, durable[1])
            : null;
    }

    public long SeqIn(Guid conversationId) => Conversation.Equals(Short(conversationId), StringComparison.Ordinal) ? Seq : 0;

    private static string Short(Guid id) => id.ToString("N")[20..];
}
