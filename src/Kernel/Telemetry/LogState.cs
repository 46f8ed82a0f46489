using System.Collections;
using System.Globalization;
using System.Text;

namespace Tenet.Kernel.Telemetry;

/// <summary>The fields of a log line or scope after redaction, and the line made anew from its template and them.</summary>
internal sealed class LogState : IReadOnlyList<KeyValuePair<string, object?>>
{
    private const string Template = "{OriginalFormat}";

    // Texts of the framework's own that say where it listens or what it is working on, never what it was sent.
    private static readonly HashSet<string> Harmless = new(StringComparer.OrdinalIgnoreCase)
    {
        "address",
        "addresses",
        "contextType",
        "contentRoot",
        "envName",
        "newLine",
    };

    private readonly List<KeyValuePair<string, object?>> _fields = [];
    private readonly Lazy<string> _text;

    private LogState(Func<string> text) => _text = new Lazy<string>(text);

    public int Count => _fields.Count;
    public KeyValuePair<string, object?> this[int index] => _fields[index];

    /// <param name="isOwn">Logged by Tenet's code, not by a library.</param>
    /// <param name="unnamed">The text of a line that has no named fields.</param>
    public static LogState Of<TState>(TState state, bool isOwn, Func<string> unnamed)
    {
        if (state is not IEnumerable<KeyValuePair<string, object?>> fields)
        {
            return new LogState(() => TextScrub.Scrub(unnamed()));
        }
        string? template = null;
        LogState clean = null!;
        clean = new LogState(() => clean.Render(template));
        foreach (var (name, value) in fields)
        {
            if (name == Template)
            {
                template = value as string;
                continue;
            }
            var keep = isOwn || (value is string && Harmless.Contains(name));
            clean._fields.Add(new(name, keep ? Redactor.Own(value) : Redactor.Foreign(value)));
        }
        if (template is not null)
        {
            template = TextScrub.Scrub(template);
            clean._fields.Add(new(Template, template));
        }
        return clean;
    }

    /// <summary>A field's value as text; null when the line has no such field.</summary>
    public string? Field(string name) => _fields.Find(field => field.Key.Equals(name, StringComparison.OrdinalIgnoreCase)).Value as string;

    private string Render(string? template)
    {
        if (template is null)
        {
            return string.Join(' ', _fields.Select(field => $"{field.Key}={Show(field.Value, null)}"));
        }
        var line = new StringBuilder(template.Length + 64);
        var (at, place) = (0, 0);
        while (at < template.Length)
        {
            var brace = template.AsSpan(at).IndexOfAny('{', '}');
            if (brace < 0)
            {
                break;
            }
            line.Append(template, at, brace);
            at += brace;
            var end = template.IndexOf('}', at);
            if (at + 1 < template.Length && template[at + 1] == template[at])
            {
                line.Append(template[at]);
                at += 2;
            }
            else if (template[at] == '}' || end < 0)
            {
                line.Append(template[at++]);
            }
            else
            {
                line.Append(Hole(template[(at + 1)..end], place++));
                at = end + 1;
            }
        }
        return line.Append(template, at, template.Length - at).ToString();
    }

    // By name; a library's template may count its holes instead.
    private string Hole(string hole, int place)
    {
        var colon = hole.IndexOf(':', StringComparison.Ordinal);
        var name = (colon < 0 ? hole : hole[..colon]).Split(',')[0].TrimStart('@', '$');
        var at = _fields.FindIndex(field => field.Key.TrimStart('@', '$').Equals(name, StringComparison.OrdinalIgnoreCase));
        at = at < 0 ? place : at;
        return at < _fields.Count ? Show(_fields[at].Value, colon < 0 ? null : hole[(colon + 1)..]) : "";
    }

    private static string Show(object? value, string? format) =>
        value switch
        {
            null => "(null)",
            IFormattable formattable => Format(formattable, format),
            _ => value.ToString() ?? "",
        };

    private static string Format(IFormattable value, string? format)
    {
        try
        {
            return value.ToString(format, CultureInfo.InvariantCulture);
        }
        catch (FormatException)
        {
            return value.ToString(null, CultureInfo.InvariantCulture);
        }
    }

    public IEnumerator<KeyValuePair<string, object?>> GetEnumerator() => _fields.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    public override string ToString() => _text.Value;
}
