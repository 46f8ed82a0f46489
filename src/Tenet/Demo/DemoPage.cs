using System.Text.RegularExpressions;

namespace Tenet.Demo;

/// <summary>One page of the demo shop: its head lines, and its HTML with the placeholders that only a request can fill.</summary>
internal sealed partial record DemoPage(string Path, string Title, string Language, string Template)
{
    /// <summary>Reads a page file: a comment with <c>title</c>, <c>description</c> and <c>lang</c>, then the main content.</summary>
    public static DemoPage Parse(string path, string text, Func<string, string> layout, Func<string, string> art)
    {
        var end = text.IndexOf("-->", StringComparison.Ordinal);
        var head = text[4..end]
            .Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Select(line => line.Split(": ", 2))
            .ToDictionary(line => line[0], line => line[1], StringComparer.Ordinal);
        var language = head.GetValueOrDefault("lang", "en");
        var main = Art().Replace(text[(end + 3)..].Trim(), match => art(match.Groups["name"].Value));
        var template = layout(language)
            .Replace("{{title}}", head["title"], StringComparison.Ordinal)
            .Replace("{{description}}", head["description"], StringComparison.Ordinal)
            .Replace("{{path}}", path, StringComparison.Ordinal)
            .Replace("{{main}}", main, StringComparison.Ordinal);
        return new(path, head["title"], language, template);
    }

    /// <summary>The page as served. Both values are ours, never a visitor's words.</summary>
    public string Render(string origin, string widget) =>
        Template.Replace("{{origin}}", origin, StringComparison.Ordinal).Replace("{{widget}}", widget, StringComparison.Ordinal);

    [GeneratedRegex(@"\{\{art:(?<name>[a-z0-9-]+)\}\}", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Art();
}
