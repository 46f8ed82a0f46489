namespace Tenet.Knowledge.Ranking;

/// <summary>The Snowball "spanish" stemmer. Expects lower case.</summary>
internal static class SpanishStemmer
{
    const string Vowels = "aeiouáéíóúü";

    static readonly string[] Pronouns = LongestFirst("me se sela selo selas selos la le lo las les los nos");

    static readonly string[] Plain = LongestFirst(
        "anza anzas ico ica icos icas ismo ismos able ables ible ibles ista istas oso osa osos osas amiento amientos imiento imientos"
    );

    static readonly string[] Agents = LongestFirst("adora ador ación adoras adores aciones ante antes ancia ancias acion");

    static readonly string[] Derivations = LongestFirst(
        string.Join(' ', Plain)
            + " "
            + string.Join(' ', Agents)
            + " logía logías ución uciones ucion encia encias amente mente idad idades iva ivo ivas ivos"
    );

    static readonly string[] YVerbs = LongestFirst("ya ye yan yen yeron yendo yo yó yas yes yais yamos");

    static readonly string[] Verbs = LongestFirst(
        "en es éis emos arían arías arán arás aríais aría aréis aríamos aremos ará aré erían erías erán erás eríais ería eréis eríamos eremos "
            + "erá eré irían irías irán irás iríais iría iréis iríamos iremos irá iré aba ada ida ía ara iera ad ed id ase iese aste iste an aban "
            + "ían aran ieran asen iesen aron ieron ado ido ando iendo ió ar er ir as abas adas idas ías aras ieras ases ieses ís áis abais íais "
            + "arais ierais aseis ieseis asteis isteis ados idos amos ábamos íamos imos áramos iéramos iésemos ásemos"
    );

    public static int Stem(Span<char> buffer, int length)
    {
        var word = new WordStem(buffer, length);
        word.MarkRegions(Vowels);
        word.Rv = FindRv(ref word);
        DetachPronoun(ref word);
        if (!RemoveDerivation(ref word) && !RemoveYVerb(ref word))
            RemoveVerb(ref word);
        RemoveResidue(ref word);
        for (var i = 0; i < word.Length; i++)
            word[i] = Unaccented(word[i]);
        return word.Length;
    }

    static string[] LongestFirst(string list) => [.. list.Split(' ').OrderByDescending(s => s.Length)];

    static char Unaccented(char letter) =>
        letter switch
        {
            'á' => 'a',
            'é' => 'e',
            'í' => 'i',
            'ó' => 'o',
            'ú' => 'u',
            _ => letter,
        };

    static int FindRv(ref WordStem word)
    {
        if (word.Length < 3)
            return word.Length;
        bool first = Vowels.Contains(word[0]),
            second = Vowels.Contains(word[1]);
        var end =
            !second ? word.IndexOfAny(Vowels, 2)
            : first ? word.IndexOfAnyExcept(Vowels, 2)
            : 2;
        return end < 0 ? word.Length : end + 1;
    }

    static void DetachPronoun(ref WordStem word)
    {
        var pronoun = word.Longest(Pronouns);
        if (pronoun is null)
            return;
        var before = new WordStem(word.Text.ToArray(), word.Length - pronoun.Length) { Rv = word.Rv };
        var verb = before.Longest(["iéndo", "iendo", "yendo", "ándo", "ando", "ár", "ér", "ír", "ar", "er", "ir"]);
        if (verb is null || !before.InRv(verb) || (verb is "yendo" && !before.Ends("uyendo")))
            return;
        word.Cut(pronoun.Length);
        for (var i = word.Length - verb.Length; i < word.Length; i++)
            word[i] = Unaccented(word[i]);
    }

    static bool RemoveDerivation(ref WordStem word)
    {
        var suffix = word.Longest(Derivations);
        if (suffix is null || !(suffix is "amente" ? word.InR1(suffix) : word.InR2(suffix)))
            return false;
        switch (suffix)
        {
            case "logía" or "logías":
                word.Replace(suffix, "log");
                return true;
            case "ución" or "uciones" or "ucion":
                word.Replace(suffix, "u");
                return true;
            case "encia" or "encias":
                word.Replace(suffix, "ente");
                return true;
        }
        word.Cut(suffix.Length);
        if (suffix is "amente")
        {
            if (CutInR2(ref word, ["iv"]))
                CutInR2(ref word, ["at"]);
            else
                CutInR2(ref word, ["os", "ic", "ad"]);
        }
        else if (suffix is "mente")
            CutInR2(ref word, ["ante", "able", "ible"]);
        else if (suffix is "idad" or "idades")
            CutInR2(ref word, ["abil", "ic", "iv"]);
        else if (suffix is "iva" or "ivo" or "ivas" or "ivos")
            CutInR2(ref word, ["at"]);
        else if (Agents.AsSpan().Contains(suffix))
            CutInR2(ref word, ["ic"]);
        return true;
    }

    static bool CutInR2(ref WordStem word, string[] suffixes)
    {
        var suffix = word.Longest(suffixes);
        if (suffix is null || !word.InR2(suffix))
            return false;
        word.Cut(suffix.Length);
        return true;
    }

    static bool RemoveYVerb(ref WordStem word)
    {
        var suffix = word.Longest(YVerbs);
        if (suffix is null || !word.InRv(suffix) || word.Length <= suffix.Length || word[word.Length - suffix.Length - 1] != 'u')
            return false;
        word.Cut(suffix.Length);
        return true;
    }

    static void RemoveVerb(ref WordStem word)
    {
        // The longest suffix counts within RV: a longer one that reaches outside gives way to a shorter one inside.
        foreach (var suffix in Verbs)
        {
            if (!word.EndsInRv(suffix))
                continue;
            word.Cut(suffix.Length);
            if (suffix is "en" or "es" or "éis" or "emos" && word.Ends("gu"))
                word.Cut(1);
            return;
        }
    }

    static void RemoveResidue(ref WordStem word)
    {
        var suffix = word.Longest(["os", "a", "o", "á", "í", "ó", "e", "é"]);
        if (suffix is null || !word.InRv(suffix))
            return;
        word.Cut(suffix.Length);
        if (suffix is "e" or "é" && word.Ends("gu") && word.InRv("u"))
            word.Cut(1);
    }
}
