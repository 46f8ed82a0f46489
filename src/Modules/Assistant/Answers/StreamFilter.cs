using System.Text;

namespace Tenet.Assistant;

/// <summary>
/// Reads a stream of text and lets through what it has judged. What cannot be judged yet, such as a marker that is cut between two
/// deltas, waits for its rest; all waits are bounded. Code, as CommonMark sees it, passes as it is.
/// </summary>
internal abstract class StreamFilter
{
    /// <summary>From <see cref="Take"/>: judge again when more has come.</summary>
    protected const int Wait = 0;

    private const int MaxInlineCode = 400;
    private readonly StringBuilder output = new();
    private string pending = "";
    private int fence;

    /// <returns>What was let through by this piece; may be empty.</returns>
    public string Push(string piece) => Run(piece, isLast: false);

    /// <summary>Nothing more comes: what waits is judged as it stands.</summary>
    public string Finish() => Run("", isLast: true);

    /// <summary>Judges the beginning of <paramref name="rest"/>, which is not code and not empty.</summary>
    /// <returns>How many characters were dealt with, or <see cref="Wait"/>, which is not allowed when <paramref name="isLast"/>.</returns>
    protected abstract int Take(ReadOnlySpan<char> rest, bool isLast);

    /// <summary>What is let through next begins a line, as the reader will see it.</summary>
    protected virtual bool IsAtLineStart { get; private set; } = true;

    /// <summary>The last character that was let through.</summary>
    protected virtual char LastCharacter { get; private set; }

    protected virtual void Emit(ReadOnlySpan<char> text)
    {
        if (text.IsEmpty)
            return;
        output.Append(text);
        LastCharacter = text[^1];
        var line = text[(text.LastIndexOf('\n') + 1)..];
        IsAtLineStart = line.Trim(' ').IsEmpty && (line.Length < text.Length || IsAtLineStart);
    }

    private string Run(string piece, bool isLast)
    {
        output.Clear();
        pending = pending.Length == 0 ? piece : pending + piece;
        var at = 0;
        while (at < pending.Length)
        {
            var rest = pending.AsSpan(at);
            var taken =
                rest[0] == '`' ? Backticks(rest, isLast)
                : fence > 0 ? Verbatim(rest, 1)
                : Take(rest, isLast);
            if (taken == Wait)
                break;
            at += taken;
        }
        pending = pending[at..];
        return output.ToString();
    }

    private int Verbatim(ReadOnlySpan<char> rest, int length)
    {
        Emit(rest[..length]);
        return length;
    }

    private int Backticks(ReadOnlySpan<char> rest, bool isLast)
    {
        var run = RunOf(rest);
        if (run == rest.Length && !isLast)
            return Wait;
        if (fence > 0)
        {
            if (IsAtLineStart && run >= fence)
                fence = 0;
            return Verbatim(rest, run);
        }
        // Something was removed between two runs: joined, they would be another one.
        if (LastCharacter == '`')
            Emit(" ");
        if (IsAtLineStart && run >= 3)
        {
            fence = run;
            return Verbatim(rest, run);
        }
        var at = run;
        while (at < rest.Length && at < MaxInlineCode && !rest[at..].StartsWith("\n\n"))
        {
            var other = RunOf(rest[at..]);
            if (other == run && (at + other < rest.Length || isLast))
                return Verbatim(rest, at + other);
            at += Math.Max(1, other);
        }
        if (at >= rest.Length && rest.Length < MaxInlineCode && !isLast)
            return Wait;
        // A backtick that nobody closes is no code, and must not become the end of some.
        Emit("'");
        return run;
    }

    private static int RunOf(ReadOnlySpan<char> text)
    {
        var run = text.IndexOfAnyExcept('`');
        return run < 0 ? text.Length : run;
    }
}
