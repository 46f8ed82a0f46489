using System.Globalization;

namespace Tenet.Kernel.Policies;

/// <summary>A value that a claim takes in the file.</summary>
/// <param name="Form">For people: <c>a length of time such as 90 days</c>.</param>
/// <param name="Read">The typed value, or null when the text is not of the form.</param>
/// <param name="Allowed">The words that may stand; null when the form alone decides.</param>
public sealed record ClaimParameter(string Name, string Form, Func<string, object?> Read, bool Required, IReadOnlyList<string>? Allowed)
{
    /// <summary>Several values as a YAML list; their type is a list of strings.</summary>
    public bool IsList { get; private init; }

    public ClaimParameter Optional() => this with { Required = false };

    public static ClaimParameter Period(string name) =>
        new(name, "a length of time such as 90 days", text => Policies.Period.TryParse(text, out var period) ? period : null, true, null);

    public static ClaimParameter Count(string name, int min, int max) =>
        new(
            name,
            $"a whole number from {min} to {max}",
            text => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var n) && n >= min && n <= max ? n : null,
            true,
            null
        );

    public static ClaimParameter Date(string name) =>
        new(name, "a date such as 2026-12-31", text => DateOnly.TryParseExact(text, "yyyy-MM-dd", out var date) ? date : null, true, null);

    public static ClaimParameter Text(string name, int maxLength = 400) =>
        new(
            name,
            $"a text of at most {maxLength} characters",
            text => text.Length > 0 && text.Length <= maxLength ? text : null,
            true,
            null
        );

    public static ClaimParameter Choice(string name, params string[] allowed) =>
        new(name, "one of " + string.Join(", ", allowed), text => Array.Find(allowed, word => word == text), true, allowed);

    /// <summary>A table of the data map. Too many, and too often new, to be listed for editors.</summary>
    public static ClaimParameter Table(string name, DataMaps.DataMap map) =>
        new(name, "a table such as inbox.message", text => map.Tables.Any(table => table.Table == text) ? text : null, true, null);

    /// <summary>A list of tables.</summary>
    public static ClaimParameter Tables(string name, DataMaps.DataMap map) => Table(name, map) with { IsList = true };

    /// <summary>A list of words, each of them allowed.</summary>
    public static ClaimParameter Choices(string name, params string[] allowed) => Choice(name, allowed) with { IsList = true };

    /// <summary>A list of texts.</summary>
    public static ClaimParameter Texts(string name, int maxLength = 200) => Text(name, maxLength) with { IsList = true };
}
