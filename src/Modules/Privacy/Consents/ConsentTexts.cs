using System.Security.Cryptography;
using System.Text.Json;

namespace Tenet.Privacy.Consents;

/// <summary>What the banner and the preference centre say in one language. The server holds them, so that what was shown can be proved.</summary>
internal sealed class ConsentTexts
{
    public static readonly IReadOnlyList<string> Languages = ["en", "de", "fr", "es", "vi"];

    private static readonly Dictionary<string, ConsentTexts> All = Languages.ToDictionary(
        language => language,
        language => new ConsentTexts(language),
        StringComparer.Ordinal
    );

    private ConsentTexts(string language)
    {
        using var stream = typeof(ConsentTexts).Assembly.GetManifestResourceStream($"Tenet.Privacy.Consents.Texts.{language}.json")!;
        Texts = JsonSerializer.Deserialize<SortedDictionary<string, string>>(stream)!;
        Language = language;
        Json = JsonSerializer.Serialize(Texts);
        Hash = HashOf(language, Json);
    }

    public string Language { get; }
    public SortedDictionary<string, string> Texts { get; }

    /// <summary>As it is kept and hashed.</summary>
    public string Json { get; }
    public byte[] Hash { get; }
    public string Version => Convert.ToHexStringLower(Hash);

    public static byte[] HashOf(string language, string json) =>
        SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(language + "\n" + json));

    /// <summary>The first of the wishes (language tags) that there are texts in.</summary>
    public static ConsentTexts Of(params ReadOnlySpan<string?> wishes)
    {
        foreach (var wish in wishes)
        {
            if (All.GetValueOrDefault((wish ?? "").Split('-')[0].ToLowerInvariant()) is { } found)
            {
                return found;
            }
        }
        return All["en"];
    }
}
