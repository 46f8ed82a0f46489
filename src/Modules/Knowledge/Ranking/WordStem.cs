namespace Tenet.Knowledge.Ranking;

/// <summary>A word under a Snowball stemmer: letters in a buffer, with the regions RV, R1 and R2 as start positions.</summary>
internal ref struct WordStem(Span<char> buffer, int length)
{
    readonly Span<char> letters = buffer;

    public int Length = length;
    public int Rv = length;
    public int R1 = length;
    public int R2 = length;

    public readonly ref char this[int index] => ref letters[index];

    public readonly ReadOnlySpan<char> Text => letters[..Length];

    public readonly bool Ends(ReadOnlySpan<char> suffix) => Text.EndsWith(suffix);

    /// <summary>The first suffix of the list the word ends with; lists are ordered longest first.</summary>
    public readonly string? Longest(string[] suffixes)
    {
        foreach (var suffix in suffixes)
        {
            if (Ends(suffix))
                return suffix;
        }
        return null;
    }

    public readonly bool InR1(ReadOnlySpan<char> suffix) => Length - suffix.Length >= R1;

    public readonly bool InR2(ReadOnlySpan<char> suffix) => Length - suffix.Length >= R2;

    public readonly bool InRv(ReadOnlySpan<char> suffix) => Length - suffix.Length >= Rv;

    public readonly bool EndsInR1(ReadOnlySpan<char> suffix) => Ends(suffix) && InR1(suffix);

    public readonly bool EndsInR2(ReadOnlySpan<char> suffix) => Ends(suffix) && InR2(suffix);

    public readonly bool EndsInRv(ReadOnlySpan<char> suffix) => Ends(suffix) && InRv(suffix);

    public void Cut(int count) => Length -= count;

    public void Replace(ReadOnlySpan<char> suffix, ReadOnlySpan<char> by)
    {
        Length -= suffix.Length;
        by.CopyTo(letters[Length..]);
        Length += by.Length;
    }

    /// <summary>R1 begins after the first consonant that follows a vowel from <paramref name="from"/> on, R2 likewise within R1.</summary>
    public void MarkRegions(string vowels, int from = 0)
    {
        R1 = AfterVowelAndConsonant(vowels, from);
        R2 = AfterVowelAndConsonant(vowels, R1);
    }

    public readonly int AfterVowelAndConsonant(string vowels, int from)
    {
        for (var i = from + 1; i < Length; i++)
        {
            if (!vowels.Contains(letters[i]) && vowels.Contains(letters[i - 1]))
                return i + 1;
        }
        return Length;
    }

    public readonly int IndexOfAny(string set, int from)
    {
        var found = from < Length ? Text[from..].IndexOfAny(set) : -1;
        return found < 0 ? -1 : from + found;
    }

    public readonly int IndexOfAnyExcept(string set, int from)
    {
        var found = from < Length ? Text[from..].IndexOfAnyExcept(set) : -1;
        return found < 0 ? -1 : from + found;
    }
}
