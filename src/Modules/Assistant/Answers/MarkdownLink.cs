namespace Tenet.Assistant;

/// <summary>The shapes of links in Markdown, read with limits.</summary>
internal static class MarkdownLink
{
    public const int NotClosedYet = -1;
    private const int NoLink = -2;
    private const int MaxText = 300;
    private const int MaxTarget = 2000;

    /// <param name="text">What follows the opening bracket.</param>
    /// <returns>Where the closing bracket stands, or a negative number.</returns>
    public static int EndOfText(ReadOnlySpan<char> text) => Closing(text, '[', ']', MaxText);

    /// <param name="text">What follows the opening parenthesis.</param>
    /// <returns>Where the closing parenthesis stands, or a negative number.</returns>
    public static int EndOfTarget(ReadOnlySpan<char> text) => Closing(text, '(', ')', MaxTarget);

    /// <summary>The address of "(https://… "title")" or "(&lt;https://…&gt;)", or of a bare one: absolute, http or https, nobody's name in it.</summary>
    public static Uri? Address(ReadOnlySpan<char> target)
    {
        var trimmed = target.Trim();
        var space = trimmed.IndexOfAny(' ', '\t');
        var url = (space < 0 ? trimmed : trimmed[..space]).Trim("<>").ToString();
        if (url.StartsWith("www.", StringComparison.OrdinalIgnoreCase))
            url = "https://" + url;
        // An address inside an address is how a known host is made to lead elsewhere.
        if (url.LastIndexOf("://", StringComparison.Ordinal) != url.IndexOf("://", StringComparison.Ordinal))
            return null;
        var isWeb = Uri.TryCreate(url, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" && uri.UserInfo.Length == 0;
        return isWeb ? uri : null;
    }

    /// <summary>It is an address of any kind and not a remark in parentheses.</summary>
    public static bool IsTarget(ReadOnlySpan<char> target) => target.Length == 0 || target[0] is '/' or '#' || Address(target) is not null;

    /// <summary>A link's text without brackets; empty when it hides another address.</summary>
    public static string Words(ReadOnlySpan<char> label)
    {
        var words = label.ToString().Replace('\n', ' ').Replace('[', '(').Replace(']', ')').Replace('`', '\'').Trim();
        var hidesAddress =
            words.Contains("://", StringComparison.Ordinal)
            || words.Contains("www.", StringComparison.OrdinalIgnoreCase)
            || words.Contains(")(", StringComparison.Ordinal);
        return hidesAddress ? "" : words;
    }

    /// <summary>How far an address in running text reaches.</summary>
    public static int UrlLength(ReadOnlySpan<char> text, int max)
    {
        var depth = 0;
        for (var i = 0; i < text.Length && i < max; i++)
        {
            var c = text[i];
            if (c == ')' && --depth < 0)
                return i;
            if (c == '(')
                depth++;
            if (char.IsWhiteSpace(c) || c is '<' or '>' or '"' or '`' or '[' or ']' or '{' or '}' or '|' or '\\' or '^')
                return i;
        }
        return Math.Min(text.Length, max);
    }

    private static int Closing(ReadOnlySpan<char> text, char open, char close, int max)
    {
        var depth = 0;
        for (var i = 0; i < text.Length && i < max; i++)
        {
            if (text[i] == '\n' && (open == '(' || (i > 0 && text[i - 1] == '\n')))
                return NoLink;
            if (text[i] == open)
                depth++;
            else if (text[i] == close && depth-- == 0)
                return i;
        }
        return text.Length < max ? NotClosedYet : NoLink;
    }
}
