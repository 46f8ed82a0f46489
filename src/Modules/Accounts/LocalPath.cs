namespace Tenet.Accounts;

/// <summary>Where to go after signing in: a path of ours, never another site.</summary>
internal static class LocalPath
{
    private const int MaxLength = 500;

    /// <returns>The path with its query, or <c>/</c> for anything that a browser could read as another site.</returns>
    public static string Of(string? path) =>
        path is { Length: > 0 and <= MaxLength }
        && path[0] == '/'
        && (path.Length == 1 || path[1] is not ('/' or '\\'))
        && !path.Any(c => char.IsControl(c) || c == '\\')
            ? path
            : "/";
}
