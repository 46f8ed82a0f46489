namespace Tenet.Inbox.Pages;

internal static class Initials
{
    /// <summary>One or two letters for an avatar.</summary>
    public static string Of(string name)
    {
        var words = name.Split([' ', '@', '.'], StringSplitOptions.RemoveEmptyEntries);
        return words.Length == 0 ? "?" : string.Concat(words.Take(2).Select(word => char.ToUpperInvariant(word[0])));
    }
}
