using System.Globalization;

namespace Tenet.Knowledge.Ranking;

/// <summary>
/// Cuts a text into runs of letters and digits. A joiner (_ . - ') inside a run stays in it, so that identifiers such as
/// <c>pg_hba.conf</c>, <c>--no-owner</c> and <c>e-mail</c> come out whole. Writing without spaces comes out letter by letter.
/// </summary>
internal ref struct WordRuns(ReadOnlySpan<char> text)
{
    /// <summary>Longer runs are cut off: they are data, not words.</summary>
    public const int LongestRun = 64;

    readonly ReadOnlySpan<char> text = text;
    int at;

    public ReadOnlySpan<char> Current { get; private set; }

    public int Position { get; private set; }

    public bool Next()
    {
        var i = at;
        while (i < text.Length && !IsWordPart(text[i]))
            i++;
        if (i == text.Length)
        {
            at = i;
            return false;
        }
        var start = i;
        i++;
        if (!IsIdeographic(text[start]))
        {
            while (i < text.Length && (Continues(text[i]) || (IsJoiner(text[i]) && i + 1 < text.Length && Continues(text[i + 1]))))
                i++;
        }
        at = i;
        Position = start;
        Current = text.Slice(start, Math.Min(i - start, LongestRun));
        return true;
    }

    public static bool IsJoiner(char c) => c is '_' or '.' or '-' or '\'' or '’';

    /// <summary>Han, kana, Thai, Lao, Khmer, Burmese: words are not separated by spaces.</summary>
    public static bool IsIdeographic(char c) =>
        c >= '\u0E00'
        && c
            is <= '\u0EFF'
                or >= '\u1000'
                and <= '\u109F'
                or >= '\u1780'
                and <= '\u17FF'
                or >= '\u3040'
                and <= '\u30FF'
                or >= '\u3400'
                and <= '\u9FFF';

    static bool Continues(char c) => IsWordPart(c) && !IsIdeographic(c);

    static bool IsWordPart(char c) =>
        char.IsAsciiLetterOrDigit(c)
        || (
            c > 127
            && (
                char.IsLetterOrDigit(c)
                || CharUnicodeInfo.GetUnicodeCategory(c) is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark
            )
        );
}
