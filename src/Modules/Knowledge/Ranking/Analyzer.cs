using System.Globalization;
using System.Text;
using Tenet.Kernel;

namespace Tenet.Knowledge.Ranking;

/// <summary>Turns one run of a text into the terms it is found by: the stem of each part and, for a compound, the compound itself.</summary>
internal static class Analyzer
{
    /// <summary>Empty for stop words.</summary>
    public static List<string> Terms(ReadOnlySpan<char> run, Language language)
    {
        var terms = new List<string>(2);
        var text = run.IndexOfAnyExceptInRange('\0', '\x7f') < 0 ? run : run.ToString().NormalizedTo(NormalizationForm.FormC);
        Span<char> lower = stackalloc char[Math.Max(text.Length, 1)];
        if (text.ToLowerInvariant(lower) is var length && length <= 0)
            return terms;
        var whole = lower[..length];
        whole.Replace('’', '\'');
        if (language.IsStopWord(whole))
            return terms;
        whole = WithoutPossessive(whole);
        if (whole.IndexOfAny("_.-'") < 0 && !HasCamelCase(text))
        {
            AddWord(terms, whole, language);
            return terms;
        }
        AddParts(terms, text, language);
        AddCompound(terms, whole, language);
        return terms;
    }

    static Span<char> WithoutPossessive(Span<char> word) => word.EndsWith("'s") ? word[..^2] : word;

    static bool HasCamelCase(ReadOnlySpan<char> text)
    {
        for (var i = 1; i < text.Length; i++)
        {
            if (char.IsUpper(text[i]) && char.IsLower(text[i - 1]))
                return true;
        }
        return false;
    }

    static void AddParts(List<string> terms, ReadOnlySpan<char> text, Language language)
    {
        Span<char> lower = stackalloc char[Math.Max(text.Length, 1)];
        var start = 0;
        for (var i = 1; i <= text.Length; i++)
        {
            var ends = i == text.Length || WordRuns.IsJoiner(text[i]);
            if (!ends && !(char.IsUpper(text[i]) && char.IsLower(text[i - 1])))
                continue;
            var part = text[start..i].TrimStart("_.-'’");
            start = i;
            var length = part.ToLowerInvariant(lower);
            if (length > 0 && !language.IsStopWord(lower[..length]))
                AddWord(terms, lower[..length], language);
        }
    }

    /// <summary>"max_connections" as it stands; "e-mail" as "email", however it is written.</summary>
    static void AddCompound(List<string> terms, ReadOnlySpan<char> whole, Language language)
    {
        Span<char> joined = stackalloc char[whole.Length];
        var length = 0;
        foreach (var c in whole)
        {
            if (c is not ('-' or '\''))
                joined[length++] = c;
        }
        if (joined[..length].IndexOfAny("_.") < 0)
            AddWord(terms, joined[..length], language);
        else
            Add(terms, joined[..length]);
    }

    static void AddWord(List<string> terms, ReadOnlySpan<char> word, Language language)
    {
        if (language.Stem is not { } stem || word.ContainsAnyInRange('0', '9'))
        {
            Add(terms, word);
            if (ReferenceEquals(language, Language.Vietnamese))
                AddFolded(terms, word);
            return;
        }
        Span<char> buffer = stackalloc char[(word.Length * 2) + 4];
        word.CopyTo(buffer);
        AddFolded(terms, buffer[..stem(buffer, word.Length)]);
    }

    /// <summary>Without diacritics: they are often not typed. Vietnamese keeps both, since its marks tell words apart.</summary>
    static void AddFolded(List<string> terms, ReadOnlySpan<char> word)
    {
        if (word.IndexOfAnyExceptInRange('\0', '\x7f') < 0)
        {
            Add(terms, word);
            return;
        }
        var folded = new StringBuilder(word.Length);
        foreach (var c in word.ToString().NormalizedTo(NormalizationForm.FormD))
        {
            if (CharUnicodeInfo.GetUnicodeCategory(c) == UnicodeCategory.NonSpacingMark)
                continue;
            _ = c switch
            {
                'đ' => folded.Append('d'),
                'ø' => folded.Append('o'),
                'ł' => folded.Append('l'),
                'ß' => folded.Append("ss"),
                'æ' => folded.Append("ae"),
                'œ' => folded.Append("oe"),
                _ => folded.Append(c),
            };
        }
        Add(terms, folded.ToString());
    }

    static void Add(List<string> terms, ReadOnlySpan<char> term)
    {
        if (term.Length == 0)
            return;
        foreach (var known in terms)
        {
            if (term.SequenceEqual(known))
                return;
        }
        terms.Add(term.ToString());
    }
}
