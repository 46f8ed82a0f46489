using System.Collections.Frozen;
using System.Globalization;
using System.Text;
using Tenet.Kernel;

namespace Tenet.Assistant;

/// <summary>Words as they are compared: lower case, without accents, and alike when they differ only in their endings.</summary>
internal static class Words
{
    /// <summary>What endings begin with: "price" and "pricing", "zahlt" and "zahlen", but not "storm" and "store".</summary>
    private const string Endings = "aeiouystnd";

    /// <summary>"zurück" begins many verbs that have nothing else in common.</summary>
    private const string SeparablePrefix = "zuruck";

    /// <summary>Who asks for four means the 4. "One" is too often no number.</summary>
    private static readonly FrozenDictionary<string, string> Numerals = new[]
    {
        "two zwei deux dos",
        "three drei trois tres",
        "four vier quatre cuatro",
        "five fünf cinq cinco",
        "six sechs seis",
    }
        .SelectMany((words, i) => words.Split(' ').Select(word => KeyValuePair.Create(word.Replace('ü', 'u'), $"{i + 2}")))
        .ToFrozenDictionary(StringComparer.Ordinal);

    /// <param name="text">Any text.</param>
    /// <param name="fold">False keeps accents: in Vietnamese they make different words.</param>
    public static List<string> Split(string text, bool fold = true)
    {
        var words = new List<string>();
        var word = new StringBuilder();
        var plain = fold ? text.NormalizedTo(NormalizationForm.FormD) : text;
        for (var i = 0; i < plain.Length; i++)
        {
            var c = plain[i];
            if (char.IsLetterOrDigit(c) || IsDecimalPoint(plain, i))
                Append(word, char.ToLowerInvariant(c), fold);
            else if (CharUnicodeInfo.GetUnicodeCategory(c) != UnicodeCategory.NonSpacingMark && word.Length > 0)
            {
                Add(words, word);
                word.Clear();
            }
        }
        if (word.Length > 0)
            Add(words, word);
        return words;
    }

    private static void Add(List<string> words, StringBuilder word)
    {
        var text = word.ToString();
        words.Add(Numerals.GetValueOrDefault(text, text));
    }

    /// <summary>"5.4" and "12,000" are one number each: who asks for the 4 does not mean them.</summary>
    private static bool IsDecimalPoint(string text, int at) =>
        text[at] is '.' or ',' && at > 0 && at + 1 < text.Length && char.IsAsciiDigit(text[at - 1]) && char.IsAsciiDigit(text[at + 1]);

    /// <summary>
    /// "return" and "returned", "policy" and "policies", "Rückgabe" and "Rückgabefrist": one common beginning and short endings.
    /// Needs no dictionary and no knowledge of the language; it errs towards alike.
    /// </summary>
    public static bool Alike(string a, string b)
    {
        var (shorter, longer) = a.Length <= b.Length ? (a, b) : (b, a);
        var common = 0;
        while (common < shorter.Length && shorter[common] == longer[common])
            common++;
        if (common == shorter.Length && (shorter.Length == longer.Length || shorter.Length >= 6))
            return shorter is not SeparablePrefix || shorter.Length == longer.Length;
        if (shorter.Length == 3)
            return common == 3 && longer.Length == 4 && longer[3] == 's';
        var (left, right) = (shorter.Length - common, longer.Length - common);
        return common >= 4 && left <= (common >= 5 ? 2 : 1) && right <= 5 && (left == 0 || Endings.Contains(shorter[common]));
    }

    private static void Append(StringBuilder word, char c, bool fold)
    {
        switch (c)
        {
            case 'ß' when fold:
                word.Append("ss");
                break;
            case 'đ' when fold:
                word.Append('d');
                break;
            case 'ø' when fold:
                word.Append('o');
                break;
            default:
                word.Append(c);
                break;
        }
    }
}
