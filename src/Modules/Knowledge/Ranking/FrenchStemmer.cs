namespace Tenet.Knowledge.Ranking;

/// <summary>The Snowball "french" stemmer. Expects lower case. I, U and Y in capitals stand for these letters as consonants.</summary>
internal static class FrenchStemmer
{
    const string Vowels = "aeiouyâàëéêèïîôûù";

    static readonly string[] Nouns = LongestFirst(
        "ance iqUe isme able iste eux ances iqUes ismes ables istes atrice ateur ation atrices ateurs ations logie logies usion ution usions "
            + "utions ence ences ement ements ité ités if ive ifs ives eaux aux euse euses issement issements amment emment ment ments"
    );

    static readonly string[] IVerbs = LongestFirst(
        "îmes ît îtes i ie Ie ies ir ira irai iraIent irais irait iras irent irez iriez irions irons iront is issaIent issais issait issant "
            + "issante issantes issants isse issent isses issez issiez issions issons it"
    );

    static readonly string[] Verbs = LongestFirst(
        "ions é ée ées és èrent er era erai eraIent erais erait eras erez eriez erions erons eront ez iez "
            + "âmes ât âtes a ai aIent ais ait ant ante antes ants as asse assent asses assiez assions"
    );

    public static int Stem(Span<char> buffer, int length)
    {
        MarkConsonants(buffer[..length]);
        var word = new WordStem(buffer, length);
        word.MarkRegions(Vowels);
        word.Rv = FindRv(ref word);
        var original = word.Length;
        var altered = RemoveNoun(ref word) || RemoveIVerb(ref word) || RemoveVerb(ref word);
        if (altered || word.Length != original)
            word[Math.Max(word.Length - 1, 0)] = word.Length == 0 ? ' ' : Softened(word[word.Length - 1]);
        else
            RemoveResidue(ref word);
        if (word.Ends("enn") || word.Ends("onn") || word.Ends("ett") || word.Ends("ell") || word.Ends("eill"))
            word.Cut(1);
        Unaccent(ref word);
        for (var i = 0; i < word.Length; i++)
            word[i] = char.ToLowerInvariant(word[i]);
        return word.Length;
    }

    static string[] LongestFirst(string list) => [.. list.Split(' ').OrderByDescending(s => s.Length)];

    static bool IsVowel(char letter) => Vowels.Contains(letter);

    static char Softened(char last) =>
        last switch
        {
            'Y' => 'i',
            'ç' => 'c',
            _ => last,
        };

    static void MarkConsonants(Span<char> word)
    {
        for (var i = 0; i < word.Length; i++)
        {
            var after = i > 0 && IsVowel(word[i - 1]);
            var before = i + 1 < word.Length && IsVowel(word[i + 1]);
            word[i] = word[i] switch
            {
                'u' when (after && before) || (i > 0 && word[i - 1] == 'q') => 'U',
                'i' when after && before => 'I',
                'y' when after || before => 'Y',
                var letter => letter,
            };
        }
    }

    static int FindRv(ref WordStem word)
    {
        if (word.Length < 3)
            return word.Length;
        if (
            (IsVowel(word[0]) && IsVowel(word[1]))
            || word.Text.StartsWith("par")
            || word.Text.StartsWith("col")
            || word.Text.StartsWith("tap")
        )
            return 3;
        var vowel = word.IndexOfAny(Vowels, 1);
        return vowel < 0 ? word.Length : vowel + 1;
    }

    /// <summary>True when the word is done with; adverbs in -ment go on to the verbs.</summary>
    static bool RemoveNoun(ref WordStem word)
    {
        var suffix = word.Longest(Nouns);
        switch (suffix)
        {
            case null:
                return false;
            case "amment" or "emment":
                if (word.InRv(suffix))
                    word.Replace(suffix.AsSpan(1), "nt");
                return false;
            case "ment" or "ments":
                if (word.Length - suffix.Length > word.Rv && IsVowel(word[word.Length - suffix.Length - 1]))
                    word.Cut(suffix.Length);
                return false;
            case "ement" or "ements":
                return RemoveEment(ref word, suffix);
            case "eaux":
                word.Cut(1);
                return true;
            case "aux":
                return Replaced(ref word, word.InR1(suffix), suffix, "al");
            case "euse" or "euses":
                return Replaced(ref word, word.InR2(suffix), suffix, "") || Replaced(ref word, word.InR1(suffix), suffix, "eux");
            case "issement" or "issements":
                var stem = word.Length - suffix.Length;
                return Replaced(ref word, word.InR1(suffix) && stem > 0 && !IsVowel(word[stem - 1]), suffix, "");
            case "logie" or "logies":
                return Replaced(ref word, word.InR2(suffix), suffix, "log");
            case "usion" or "ution" or "usions" or "utions":
                return Replaced(ref word, word.InR2(suffix), suffix, "u");
            case "ence" or "ences":
                return Replaced(ref word, word.InR2(suffix), suffix, "ent");
        }
        if (!word.InR2(suffix))
            return false;
        word.Cut(suffix.Length);
        if (suffix is "ité" or "ités")
            ShortenQuality(ref word);
        else if (suffix is "if" or "ive" or "ifs" or "ives" && CutInR2(ref word, "at") || suffix.StartsWith("at", StringComparison.Ordinal))
            ShortenIc(ref word);
        return true;
    }

    static bool Replaced(ref WordStem word, bool allowed, string suffix, string by)
    {
        if (allowed)
            word.Replace(suffix, by);
        return allowed;
    }

    static bool CutInR2(ref WordStem word, string suffix) => Replaced(ref word, word.EndsInR2(suffix), suffix, "");

    static void ShortenIc(ref WordStem word)
    {
        if (word.Ends("ic") && !CutInR2(ref word, "ic"))
            word.Replace("ic", "iqU");
    }

    static void ShortenQuality(ref WordStem word)
    {
        if (word.Ends("abil"))
            word.Replace("abil", word.InR2("abil") ? "" : "abl");
        else if (word.Ends("ic"))
            ShortenIc(ref word);
        else
            CutInR2(ref word, "iv");
    }

    static bool RemoveEment(ref WordStem word, string suffix)
    {
        if (!word.InRv(suffix))
            return false;
        word.Cut(suffix.Length);
        if (word.Ends("iv"))
        {
            if (CutInR2(ref word, "iv"))
                CutInR2(ref word, "at");
        }
        else if (word.Ends("eus"))
        {
            if (!CutInR2(ref word, "eus"))
                Replaced(ref word, word.InR1("eus"), "eus", "eux");
        }
        else if (!CutInR2(ref word, "abl") && !CutInR2(ref word, "iqU") && (word.EndsInRv("ièr") || word.EndsInRv("Ièr")))
            word.Replace("ièr", "i");
        return true;
    }

    static bool RemoveIVerb(ref WordStem word)
    {
        foreach (var suffix in IVerbs)
        {
            if (!word.EndsInRv(suffix))
                continue;
            var before = word.Length - suffix.Length - 1;
            return Replaced(ref word, before >= word.Rv && !IsVowel(word[before]), suffix, "");
        }
        return false;
    }

    static bool RemoveVerb(ref WordStem word)
    {
        foreach (var suffix in Verbs)
        {
            if (!word.EndsInRv(suffix))
                continue;
            if (suffix is "ions")
                return Replaced(ref word, word.InR2(suffix), suffix, "");
            word.Cut(suffix.Length);
            if (suffix[0] is 'a' or 'â' && word.EndsInRv("e"))
                word.Cut(1);
            return true;
        }
        return false;
    }

    static void RemoveResidue(ref WordStem word)
    {
        if (word.Length > 1 && word.Ends("s") && !"aiouès".Contains(word[word.Length - 2]))
            word.Cut(1);
        if (word.EndsInRv("ion"))
        {
            if (word.InR2("ion") && word.Length - 4 >= word.Rv && word[word.Length - 4] is 's' or 't')
                word.Cut(3);
        }
        else if (word.Longest(["ière", "Ière", "ier", "Ier"]) is { } suffix && word.InRv(suffix))
            word.Replace(suffix, "i");
        else if (word.EndsInRv("e"))
            word.Cut(1);
    }

    static void Unaccent(ref WordStem word)
    {
        var last = word.Length - 1;
        while (last >= 0 && !IsVowel(word[last]))
            last--;
        if (last >= 0 && last < word.Length - 1 && word[last] is 'é' or 'è')
            word[last] = 'e';
    }
}
