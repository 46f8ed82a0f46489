using System.Globalization;
using System.Text;

namespace Tenet.Benchmarks;

/// <summary>As many pages as the manual has, of its size, from a seed: the same at every run.</summary>
internal static class MadeUpSite
{
    private const int Count = 1_170;
    private const int Paragraphs = 40;
    private const int WordsOfParagraph = 45;

    public static IEnumerable<(string Path, byte[] Content)> Pages()
    {
        var random = new Random(1);
        for (var page = 0; page < Count; page++)
        {
            var html = new StringBuilder();
            html.Append(
                CultureInfo.InvariantCulture,
                $"<!doctype html><html lang=en><head><title>Chapter {page}</title></head><body><main>"
            );
            html.Append(CultureInfo.InvariantCulture, $"<h1>Chapter {page}</h1>");
            for (var i = 0; i < Paragraphs; i++)
            {
                if (i % 5 == 0)
                    html.Append(CultureInfo.InvariantCulture, $"<h2 id=s{i}>{Words(random, 4)}</h2>");
                html.Append(CultureInfo.InvariantCulture, $"<p>{Words(random, WordsOfParagraph)}.</p>");
            }
            foreach (var next in (int[])[(page * 2) + 1, (page * 2) + 2, random.Next(Count), random.Next(Count)])
                html.Append(CultureInfo.InvariantCulture, $"<p>See <a href='/{next % Count}.html'>chapter {next % Count}</a>.</p>");
            html.Append("</main></body></html>");
            var content = Encoding.UTF8.GetBytes(html.ToString());
            if (page == 0)
                yield return ("/index.html", content);
            yield return ($"/{page}.html", content);
        }
    }

    // Few words often, most rarely, as in a text.
    private static string Words(Random random, int count) =>
        string.Join(' ', Enumerable.Range(0, count).Select(_ => Word((int)(Math.Pow(random.NextDouble(), 3) * 20_000))));

    private static string Word(int number)
    {
        const string Consonants = "bdfgklmnprstvz";
        const string Vowels = "aeiou";
        var word = new StringBuilder();
        for (var rest = number + 1; rest > 0; rest /= Consonants.Length * Vowels.Length)
            word.Append(Consonants[rest % Consonants.Length]).Append(Vowels[rest / Consonants.Length % Vowels.Length]);
        return word.ToString();
    }
}
