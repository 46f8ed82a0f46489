using System.Globalization;
using System.Text.Json;
using Tenet.Kernel.Postgres;

namespace Tenet.Privacy.Requests;

/// <summary>What persons read about their request, in five languages: pages and letters.</summary>
internal sealed class RequestTexts
{
    public static readonly IReadOnlyList<string> Languages = ["en", "de", "fr", "es", "vi"];

    private static readonly Dictionary<string, RequestTexts> All = Languages.ToDictionary(
        language => language,
        language => new RequestTexts(language),
        StringComparer.Ordinal
    );

    private readonly Dictionary<string, string> _texts;
    private readonly CultureInfo _culture;

    private RequestTexts(string language)
    {
        Language = language;
        _culture = CultureInfo.GetCultureInfo(language);
        using var stream = typeof(RequestTexts).Assembly.GetManifestResourceStream($"Tenet.Privacy.Requests.Texts.{language}.json")!;
        _texts = JsonSerializer.Deserialize<Dictionary<string, string>>(stream)!;
    }

    public string Language { get; }

    internal IReadOnlyCollection<string> Keys => _texts.Keys;

    public static RequestTexts Of(string? language) => All.GetValueOrDefault(language ?? "") ?? All["en"];

    /// <summary>The first language of an Accept-Language header that there are texts in.</summary>
    public static RequestTexts Accepted(string? header) =>
        Of(
            (header ?? "")
                .Split(',')
                .Take(20)
                .Select(part => part.Split(';')[0].Trim())
                .Select(tag => tag.Length >= 2 ? tag[..2].ToLowerInvariant() : "")
                .FirstOrDefault(All.ContainsKey)
        );

    public string this[string key] => _texts[key];

    public string Of(RequestKind kind) => _texts["kind." + SqlValue.Text(kind)];

    public string Of(RequestState state) => _texts["state." + SqlValue.Text(state)];

    public string Of(DenialGround ground) => _texts["ground." + SqlValue.Text(ground)];

    public string Day(DateTimeOffset moment) => moment.UtcDateTime.ToString("d MMMM yyyy", _culture);

    /// <summary>A text with its places filled, once and in one pass: what a person wrote never becomes a place.</summary>
    public string Fill(string key, params ReadOnlySpan<(string Place, string Value)> values)
    {
        var text = _texts[key];
        var result = new System.Text.StringBuilder(text.Length + 200);
        for (var at = 0; at < text.Length; )
        {
            var end = text[at] == '{' ? text.IndexOf('}', at) : -1;
            var value = end < 0 ? null : Find(values, text.AsSpan(at + 1, end - at - 1));
            if (value is null)
            {
                result.Append(text[at++]);
            }
            else
            {
                result.Append(value);
                at = end + 1;
            }
        }
        return result.ToString();
    }

    private static string? Find(ReadOnlySpan<(string Place, string Value)> values, ReadOnlySpan<char> place)
    {
        foreach (var (name, value) in values)
        {
            if (place.SequenceEqual(name))
            {
                return value;
            }
        }
        return null;
    }
}
