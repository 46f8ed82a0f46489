namespace Tenet.Assistant;

/// <summary>
/// Addresses in running text stay only when their host is allowed: whoever shows the text may make links of them. No exclamation
/// mark makes an image of a link, and halves of characters, which no store takes, are replaced.
/// </summary>
internal sealed class UrlFilter(Func<Uri, bool> isAllowed, string removedLink) : StreamFilter
{
    private const int MaxLength = 2000;
    private static readonly string[] Beginnings = ["http://", "https://", "www."];

    protected override int Take(ReadOnlySpan<char> rest, bool isLast)
    {
        var c = rest[0];
        if (c is 'h' or 'H' or 'w' or 'W' && Url(rest, isLast) is { } taken)
            return taken;
        if (char.IsHighSurrogate(c))
        {
            if (rest.Length == 1 && !isLast)
                return Wait;
            if (rest.Length > 1 && char.IsLowSurrogate(rest[1]))
            {
                Emit(rest[..2]);
                return 2;
            }
        }
        if (c == '!' && rest.Length == 1 && !isLast)
            return Wait;
        Emit(char.IsSurrogate(c) ? "\uFFFD" : rest[..1]);
        if (c == '!' && rest.Length > 1 && rest[1] == '[')
            Emit(" ");
        return 1;
    }

    private int? Url(ReadOnlySpan<char> rest, bool isLast)
    {
        var begins = false;
        foreach (var beginning in Beginnings)
        {
            if (rest.StartsWith(beginning, StringComparison.OrdinalIgnoreCase))
                begins = true;
            else if (!isLast && beginning.AsSpan().StartsWith(rest, StringComparison.OrdinalIgnoreCase))
                return Wait;
        }
        if (!begins)
            return null;
        var length = MarkdownLink.UrlLength(rest, MaxLength);
        if (length == rest.Length && length < MaxLength && !isLast)
            return Wait;
        var url = rest[..length].TrimEnd(".,;:!?'*_");
        if (url.Length == 0)
            return null;
        var address = MarkdownLink.Address(url);
        Emit(address is not null && isAllowed(address) ? url : removedLink);
        return url.Length;
    }
}
