using System.Text;

namespace Tenet.Assistant;

/// <summary>
/// What a model streams, made safe to show while it streams: citations only of the turn's own sources, links only to allowed
/// hosts, no images. The text is exactly the pieces let through.
/// </summary>
/// <param name="cite">The number that readers see for a source's number, or null when there is no such source.</param>
/// <param name="isAllowed">Where links may lead.</param>
/// <param name="removedLink">What stands where a link was removed.</param>
public sealed class AnswerFilter(Func<int, int?> cite, Func<Uri, bool> isAllowed, string removedLink)
{
    private readonly BracketFilter brackets = new(cite, isAllowed, removedLink);
    private readonly UrlFilter urls = new(isAllowed, removedLink);
    private readonly StringBuilder text = new();

    public string Text => text.ToString();

    public int Length => text.Length;

    /// <returns>What may be shown now; may be empty.</returns>
    public string Push(string delta) => Keep(urls.Push(brackets.Push(WithoutControls(delta))));

    /// <summary>The server's own words, as a paragraph of their own.</summary>
    public string PushOwn(string words) => Keep((text.Length > 0 ? "\n\n" : "") + words);

    public string Finish() => Keep(urls.Push(brackets.Finish()) + urls.Finish());

    /// <summary>No store takes them, and between two characters they would hide what the two mean together.</summary>
    private static string WithoutControls(string delta) => delta.Any(IsUnwanted) ? string.Concat(delta.Where(c => !IsUnwanted(c))) : delta;

    private static bool IsUnwanted(char c) => char.IsControl(c) && c is not ('\n' or '\t');

    private string Keep(string piece)
    {
        text.Append(piece);
        return piece;
    }
}
