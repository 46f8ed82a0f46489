namespace Tenet.Knowledge.Ranking;

/// <summary>The Snowball "german2" stemmer: ae, oe and ue count as umlauts, as visitors type them. Expects lower case.</summary>
internal static class GermanStemmer
{
    const string Vowels = "aeiouyäöü";

    /// <summary>The buffer needs room for twice the word: ß becomes ss.</summary>
    public static int Stem(Span<char> buffer, int length)
    {
        var word = new WordStem(buffer, Prepare(buffer, length));
        word.MarkRegions(Vowels);
        word.R1 = Math.Max(word.R1, Math.Min(3, word.Length));
        RemoveInflection(ref word);
        RemoveComparison(ref word);
        RemoveDerivation(ref word);
        for (var i = 0; i < word.Length; i++)
        {
            word[i] = word[i] switch
            {
                'ä' => 'a',
                'ö' => 'o',
                'ü' => 'u',
                'U' => 'u',
                'Y' => 'y',
                var letter => letter,
            };
        }
        return word.Length;
    }

    static int Prepare(Span<char> buffer, int length)
    {
        Span<char> source = stackalloc char[length];
        buffer[..length].CopyTo(source);
        var at = 0;
        for (var i = 0; i < length; i++)
        {
            var next = i + 1 < length ? source[i + 1] : '\0';
            if (source[i] == 'ß')
                buffer[at++] = 's';
            if (source[i] is 'u' or 'y' && i > 0 && Vowels.Contains(source[i - 1]) && next != '\0' && Vowels.Contains(next))
                buffer[at++] = char.ToUpperInvariant(source[i]);
            else if (next == 'e' && source[i] is 'a' or 'o' or 'u' && next == 'e' && !(source[i] == 'u' && i > 0 && source[i - 1] == 'q'))
                buffer[at++] = source[i++] switch
                {
                    'a' => 'ä',
                    'o' => 'ö',
                    _ => 'ü',
                };
            else
                buffer[at++] = source[i] == 'ß' ? 's' : source[i];
        }
        return at;
    }

    static bool PrecededBy(ref WordStem word, int suffix, string letters) =>
        word.Length > suffix && letters.Contains(word[word.Length - suffix - 1]);

    static void RemoveInflection(ref WordStem word)
    {
        var suffix = word.Longest(["ern", "em", "er", "en", "es", "e", "s"]);
        if (suffix is null || !word.InR1(suffix) || (suffix is "s" && !PrecededBy(ref word, 1, "bdfghklmnrt")))
            return;
        word.Cut(suffix.Length);
        if (suffix is "e" or "en" or "es" && word.Ends("niss"))
            word.Cut(1);
    }

    static void RemoveComparison(ref WordStem word)
    {
        var suffix = word.Longest(["est", "en", "er", "st"]);
        if (suffix is null || !word.InR1(suffix))
            return;
        if (suffix is not "st" || (word.Length >= 6 && PrecededBy(ref word, 2, "bdfghklmnt")))
            word.Cut(suffix.Length);
    }

    static void RemoveDerivation(ref WordStem word)
    {
        var suffix = word.Longest(["isch", "lich", "heit", "keit", "end", "ung", "ig", "ik"]);
        if (suffix is null || !word.InR2(suffix))
            return;
        if (suffix is "ig" or "ik" or "isch" && PrecededBy(ref word, suffix.Length, "e"))
            return;
        word.Cut(suffix.Length);
        if (suffix is "end" or "ung" && word.EndsInR2("ig") && !PrecededBy(ref word, 2, "e"))
            word.Cut(2);
        else if (suffix is "lich" or "heit" && (word.EndsInR1("er") || word.EndsInR1("en")))
            word.Cut(2);
        else if (suffix is "keit" && word.EndsInR2("lich"))
            word.Cut(4);
        else if (suffix is "keit" && word.EndsInR2("ig"))
            word.Cut(2);
    }
}
