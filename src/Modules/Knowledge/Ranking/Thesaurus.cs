using System.Collections.Concurrent;

namespace Tenet.Knowledge.Ranking;

/// <summary>
/// What visitors say and what help pages, manuals and shops call it, by language. Lists are general, not made for a site:
/// <c>a | b = c, d</c> leads from either phrase to both words, <c>a, b, c</c> leads from each to the others.
/// </summary>
internal sealed class Thesaurus
{
    const int LongestPhrase = 4;

    static readonly ConcurrentDictionary<string, Thesaurus> Loaded = new(StringComparer.Ordinal);

    readonly Dictionary<string, List<string>> alternatives = new(StringComparer.Ordinal);

    readonly Dictionary<string, List<string>> same = new(StringComparer.Ordinal);

    /// <summary>Every word of the list, also those that are only part of a phrase or only led to.</summary>
    readonly HashSet<string> vocabulary = new(StringComparer.Ordinal);

    Thesaurus(IEnumerable<string> lines, Language language)
    {
        foreach (var line in lines)
        {
            if (line.Length == 0 || line[0] == '#')
                continue;
            var sides = line.Split('=', 2);
            var (from, to) =
                sides.Length == 2 ? (Entries(sides[0], '|'), Entries(sides[1], ',')) : (Entries(sides[0], ','), Entries(sides[0], ','));
            vocabulary.UnionWith(from.Concat(to).SelectMany(phrase => Key(phrase, language).Split(' ')));
            foreach (var phrase in from)
                Learn(
                    sides.Length == 2 ? [alternatives] : [alternatives, same],
                    Key(phrase, language),
                    to.Where(word => !string.Equals(word, phrase, StringComparison.Ordinal)).SelectMany(word => TermsOf(word, language))
                );
        }
    }

    public static Thesaurus Of(Language language) => Loaded.GetOrAdd(language.Code, _ => new Thesaurus(Lines(language), language));

    public static Thesaurus Parse(string text, Language language) => new(text.Split('\n', StringSplitOptions.TrimEntries), language);

    public bool Knows(string key) => alternatives.ContainsKey(key) || vocabulary.Contains(key);

    /// <summary>The terms of the words that mean the same as one word.</summary>
    public IReadOnlyList<string> SameAs(string key) => same.GetValueOrDefault(key) ?? [];

    /// <summary>The longest known phrase that starts at a word, and the terms it may stand for.</summary>
    public (int Words, IReadOnlyList<string> Terms) Find(IReadOnlyList<string> keys, int at)
    {
        for (var words = Math.Min(LongestPhrase, keys.Count - at); words > 0; words--)
        {
            if (alternatives.TryGetValue(string.Join(' ', keys.Skip(at).Take(words)), out var terms))
                return (words, terms);
        }
        return (0, []);
    }

    /// <summary>A word as phrases are looked up: its stem, stop words included.</summary>
    public static string KeyOf(ReadOnlySpan<char> run, Language language)
    {
        Span<char> buffer = stackalloc char[(run.Length * 2) + 4];
        var length = Math.Max(run.ToLowerInvariant(buffer), 0);
        buffer[..length].Replace('’', '\'');
        return new string(buffer[..(language.Stem is { } stem ? stem(buffer, length) : length)]);
    }

    static void Learn(Dictionary<string, List<string>>[] into, string key, IEnumerable<string> terms)
    {
        string[] all = [.. terms];
        foreach (var learned in into)
        {
            if (!learned.TryGetValue(key, out var known))
                learned[key] = known = [];
            known.AddRange(all.Where(t => !known.Contains(t, StringComparer.Ordinal)));
        }
    }

    static string[] Entries(string list, char separator) =>
        list.Split(separator, StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    static string Key(string phrase, Language language)
    {
        var keys = new List<string>();
        var runs = new WordRuns(phrase);
        while (runs.Next())
            keys.Add(KeyOf(runs.Current, language));
        return string.Join(' ', keys);
    }

    static List<string> TermsOf(string words, Language language)
    {
        var terms = new List<string>();
        var runs = new WordRuns(words);
        while (runs.Next())
            terms.AddRange(Analyzer.Terms(runs.Current, language));
        return terms;
    }

    static IEnumerable<string> Lines(Language language)
    {
        using var stream = typeof(Thesaurus).Assembly.GetManifestResourceStream($"Tenet.Knowledge.Thesaurus.{language.Code}.txt");
        if (stream is null)
            yield break;
        using var reader = new StreamReader(stream);
        while (reader.ReadLine() is { } line)
            yield return line.Trim();
    }
}
