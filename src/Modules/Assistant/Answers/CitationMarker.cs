namespace Tenet.Assistant;

/// <summary>"[1]", "[1, 2]", "[1-3]" or "[^1]" as models write them.</summary>
internal static class CitationMarker
{
    /// <summary>It may become a marker when more comes.</summary>
    public const int Undecided = -1;

    private const int None = -2;
    private const int MaxLength = 24;

    /// <param name="text">Begins with '['.</param>
    /// <param name="numbers">The passages' numbers.</param>
    /// <returns>The marker's length with its brackets, <see cref="Undecided"/>, or another negative number when it is none.</returns>
    public static int Read(ReadOnlySpan<char> text, out List<int> numbers)
    {
        numbers = [];
        var (number, from) = (-1, -1);
        for (var i = 1; i < text.Length && i < MaxLength; i++)
        {
            var c = text[i];
            if (char.IsAsciiDigit(c))
            {
                number = (Math.Max(number, 0) * 10) + (c - '0');
                if (number > 9999)
                    return None;
                continue;
            }
            if (c == '^' && i == 1)
                continue;
            if (c is not (' ' or ',' or ';' or '-' or '–' or ']'))
                return None;
            if (number >= 0 && c != ' ')
            {
                Add(numbers, from, number);
                from = c is '-' or '–' ? number : -1;
                number = -1;
            }
            if (c == ']')
                return numbers.Count > 0 ? i + 1 : None;
        }
        return text.Length < MaxLength ? Undecided : None;
    }

    private static void Add(List<int> numbers, int from, int number)
    {
        if (from < 0 || number <= from || number - from > 8)
            numbers.Add(number);
        else
            numbers.AddRange(Enumerable.Range(from + 1, number - from));
    }
}
