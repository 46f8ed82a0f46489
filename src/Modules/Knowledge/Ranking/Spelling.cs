namespace Tenet.Knowledge.Ranking;

/// <summary>What was meant by a word that no page has: the nearest one that some page has, if it is one slip away.</summary>
internal static class Spelling
{
    const int Shortest = 5;

    /// <summary>From here on, one letter for another is more likely a slip than another word: "horse" is not "house".</summary>
    const int LongEnoughToSwap = 7;

    /// <summary>From here on, two slips are forgiven.</summary>
    const int LongEnoughForTwo = 9;

    /// <param name="snapshot">Where words are looked for.</param>
    /// <param name="term">A stem that stands nowhere in it.</param>
    /// <returns>Null when nothing is near, or several words are equally near and none is in the lead.</returns>
    public static string? Nearest(Snapshot snapshot, string term)
    {
        if (term.Length < Shortest - 1 || term.Any(char.IsDigit))
            return null;
        var most = MostSlips(term);
        string? best = null;
        var (fewest, widest) = (most + 1, 0);
        foreach (var live in snapshot.Segments)
        {
            foreach (var known in live.Segment.TermsLike(term[0], term.Length - most, term.Length + most))
            {
                var slips = Slips(term, known, most);
                if (slips > fewest || slips > most)
                    continue;
                var count = snapshot.CountOf(known);
                if (slips < fewest || count > widest)
                    (best, fewest, widest) = (known, slips, count);
            }
        }
        return best;
    }

    public static bool IsSlip(string word, string meant) =>
        word.Length >= Shortest && Slips(word, meant, MostSlips(word)) <= MostSlips(word);

    static int MostSlips(string word) => word.Length >= LongEnoughForTwo ? 2 : 1;

    /// <summary>Letters left out, added, swapped with their neighbour or, in long words and between vowels, taken for another.</summary>
    static int Slips(string word, string meant, int most)
    {
        if (Math.Abs(word.Length - meant.Length) > most || word[0] != meant[0])
            return most + 1;
        var width = meant.Length + 1;
        Span<int> rows = stackalloc int[width * 3];
        for (var j = 0; j < width; j++)
            rows[j] = j;
        for (var i = 1; i <= word.Length; i++)
        {
            var row = rows.Slice(i % 3 * width, width);
            var above = rows.Slice((i + 2) % 3 * width, width);
            var twoAbove = rows.Slice((i + 1) % 3 * width, width);
            row[0] = i;
            var least = i;
            for (var j = 1; j < width; j++)
            {
                var (a, b) = (word[i - 1], meant[j - 1]);
                row[j] = Math.Min(above[j - 1] + Cost(a, b, word.Length, most), Math.Min(above[j], row[j - 1]) + 1);
                if (i > 1 && j > 1 && a == meant[j - 2] && b == word[i - 2])
                    row[j] = Math.Min(row[j], twoAbove[j - 2] + 1);
                least = Math.Min(least, row[j]);
            }
            if (least > most)
                return most + 1;
        }
        return rows[(word.Length % 3 * width) + meant.Length];
    }

    static int Cost(char a, char b, int length, int most) =>
        a == b ? 0
        : length >= LongEnoughToSwap || (IsVowel(a) && IsVowel(b)) ? 1
        : most + 1;

    static bool IsVowel(char c) => c is 'a' or 'e' or 'i' or 'o' or 'u' or 'y';
}
