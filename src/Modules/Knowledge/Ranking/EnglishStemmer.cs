namespace Tenet.Knowledge.Ranking;

/// <summary>Porter's second English stemmer (Snowball "english"). Expects lower case.</summary>
internal static class EnglishStemmer
{
    const string Vowels = "aeiouy";

    static readonly Dictionary<string, string> Exceptions = new(StringComparer.Ordinal)
    {
        ["skis"] = "ski",
        ["skies"] = "sky",
        ["dying"] = "die",
        ["lying"] = "lie",
        ["tying"] = "tie",
        ["idly"] = "idl",
        ["gently"] = "gentl",
        ["ugly"] = "ugli",
        ["early"] = "earli",
        ["only"] = "onli",
        ["singly"] = "singl",
        ["sky"] = "sky",
        ["news"] = "news",
        ["howe"] = "howe",
        ["atlas"] = "atlas",
        ["cosmos"] = "cosmos",
        ["bias"] = "bias",
        ["andes"] = "andes",
    };

    static readonly Dictionary<string, string>.AlternateLookup<ReadOnlySpan<char>> ExceptionLookup = Exceptions.GetAlternateLookup<
        ReadOnlySpan<char>
    >();

    static readonly string[] WholeAfterPlural = ["inning", "outing", "canning", "herring", "earring", "proceed", "exceed", "succeed"];

    static readonly string[] Derivations =
    [
        "ational",
        "fulness",
        "iveness",
        "ization",
        "ousness",
        "biliti",
        "lessli",
        "tional",
        "alism",
        "aliti",
        "ation",
        "entli",
        "fulli",
        "iviti",
        "ousli",
        "abli",
        "alli",
        "anci",
        "ator",
        "enci",
        "izer",
        "bli",
        "ogi",
        "li",
    ];

    static readonly string[] Adjectives = ["ational", "tional", "alize", "ative", "icate", "iciti", "ical", "ness", "ful"];

    static readonly string[] Residues =
    [
        "ement",
        "able",
        "ance",
        "ence",
        "ible",
        "ment",
        "ant",
        "ate",
        "ent",
        "ion",
        "ism",
        "iti",
        "ive",
        "ize",
        "ous",
        "al",
        "er",
        "ic",
    ];

    public static int Stem(Span<char> buffer, int length)
    {
        if (length <= 2)
            return length;
        if (ExceptionLookup.TryGetValue(buffer[..length], out var exception))
        {
            exception.CopyTo(buffer);
            return exception.Length;
        }
        var word = new WordStem(buffer, length);
        MarkConsonantY(ref word);
        MarkRegions(ref word);
        RemovePlural(ref word);
        if (WholeAfterPlural.AsSpan().Contains(word.Text.ToString()))
            return word.Length;
        RemoveParticiple(ref word);
        if (word.Length > 2 && word[word.Length - 1] is 'y' or 'Y' && !IsVowel(word[word.Length - 2]))
            word[word.Length - 1] = 'i';
        ShortenDerivation(ref word);
        ShortenAdjective(ref word);
        RemoveResidue(ref word);
        RemoveFinal(ref word);
        buffer[..word.Length].Replace('Y', 'y');
        return word.Length;
    }

    static bool IsVowel(char letter) => Vowels.Contains(letter);

    static void MarkConsonantY(ref WordStem word)
    {
        for (var i = 0; i < word.Length; i++)
        {
            if (word[i] == 'y' && (i == 0 || IsVowel(word[i - 1])))
                word[i] = 'Y';
        }
    }

    static void MarkRegions(ref WordStem word)
    {
        foreach (var prefix in (ReadOnlySpan<string>)["gener", "commun", "arsen"])
        {
            if (!word.Text.StartsWith(prefix))
                continue;
            word.R1 = prefix.Length;
            word.R2 = word.AfterVowelAndConsonant(Vowels, word.R1);
            return;
        }
        word.MarkRegions(Vowels);
    }

    static void RemovePlural(ref WordStem word)
    {
        if (word.Ends("sses"))
            word.Cut(2);
        else if (word.Ends("ied") || word.Ends("ies"))
            word.Cut(word.Length > 4 ? 2 : 1);
        else if (word.Ends("s") && !word.Ends("us") && !word.Ends("ss") && word.Text[..^2].IndexOfAny(Vowels) >= 0)
            word.Cut(1);
    }

    static void RemoveParticiple(ref WordStem word)
    {
        switch (word.Longest(["eedly", "ingly", "edly", "eed", "ing", "ed"]))
        {
            case null:
                return;
            case ("eed" or "eedly") and var suffix:
                if (word.InR1(suffix))
                    word.Replace(suffix, "ee");
                return;
            case var suffix:
                if (word.Text[..^suffix.Length].IndexOfAny(Vowels) < 0)
                    return;
                word.Cut(suffix.Length);
                break;
        }
        if (word.Ends("at") || word.Ends("bl") || word.Ends("iz") || (IsShort(ref word) && word.R1 >= word.Length))
            word.Replace("", "e");
        else if (word.Length > 1 && word[word.Length - 1] == word[word.Length - 2] && "bdfgmnprt".Contains(word[word.Length - 1]))
            word.Cut(1);
    }

    /// <summary>Ends in a short syllable: consonant, vowel, consonant other than w, x, Y; or the whole word is vowel, consonant.</summary>
    static bool IsShort(ref WordStem word) => EndsShort(word.Text);

    static bool EndsShort(ReadOnlySpan<char> text) =>
        text.Length switch
        {
            < 2 => false,
            2 => IsVowel(text[0]) && !IsVowel(text[1]),
            _ => !IsVowel(text[^3]) && IsVowel(text[^2]) && !IsVowel(text[^1]) && text[^1] is not ('w' or 'x' or 'Y'),
        };

    static void ShortenDerivation(ref WordStem word)
    {
        var suffix = word.Longest(Derivations);
        if (suffix is null || !word.InR1(suffix))
            return;
        switch (suffix)
        {
            case "ational" or "ation" or "ator":
                word.Replace(suffix, "ate");
                break;
            case "tional" or "entli" or "fulness" or "fulli" or "lessli" or "ousli" or "ousness" or "iveness":
                word.Cut(suffix is "tional" or "entli" or "fulli" or "lessli" or "ousli" ? 2 : 4);
                break;
            case "enci" or "anci" or "abli" or "bli":
                word.Replace("i", "e");
                break;
            case "izer" or "ization":
                word.Replace(suffix, "ize");
                break;
            case "alism" or "aliti" or "alli":
                word.Replace(suffix, "al");
                break;
            case "iviti":
                word.Replace(suffix, "ive");
                break;
            case "biliti":
                word.Replace(suffix, "ble");
                break;
            case "ogi" when word.Ends("logi"):
                word.Cut(1);
                break;
            case "li" when word.Length > 2 && "cdeghkmnrt".Contains(word[word.Length - 3]):
                word.Cut(2);
                break;
        }
    }

    static void ShortenAdjective(ref WordStem word)
    {
        var suffix = word.Longest(Adjectives);
        if (suffix is null || !word.InR1(suffix))
            return;
        if (suffix is "ational")
            word.Replace(suffix, "ate");
        else if (suffix is "tional" or "ical")
            word.Cut(2);
        else if (suffix is "alize" or "icate" or "iciti")
            word.Cut(3);
        else if (suffix is "ness" or "ful" || word.InR2(suffix))
            word.Cut(suffix.Length);
    }

    static void RemoveResidue(ref WordStem word)
    {
        var suffix = word.Longest(Residues);
        if (suffix is null || !word.InR2(suffix))
            return;
        if (suffix is not "ion" || word.Ends("sion") || word.Ends("tion"))
            word.Cut(suffix.Length);
    }

    static void RemoveFinal(ref WordStem word)
    {
        if (word.EndsInR2("e") || (word.EndsInR1("e") && !EndsShort(word.Text[..^1])))
            word.Cut(1);
        else if (word.EndsInR2("l") && word.Ends("ll"))
            word.Cut(1);
    }
}
