using System.Globalization;
using System.Text.RegularExpressions;

namespace Tenet.Tests.Support;

/// <summary>
/// 500 secrets and personal values in the shapes that they have in life. Each holds a mark of its own, so that it is found in whatever
/// encoding or part of it comes out somewhere.
/// </summary>
internal sealed partial class PlantedSecrets
{
    public const int Count = 500;

    private static readonly Func<string, string>[] Shapes =
    [
        mark => $"{mark}@example.com",
        mark => $"{mark} Lovelace",
        mark => $"sk-live-{mark}AbCdEf0123456789",
        mark => $"{mark} Baker Street, London",
        mark => $"my password is {mark}!",
        mark => $"eyJhbGciOi.{mark}.c2lnbmF0dXJl",
        mark => $"https://shop.test/reset/{mark}?token={mark}",
        mark => $"DE89 3704 {mark}",
        mark => $"Bearer {mark}",
        mark => mark,
    ];

    private readonly HashSet<string> _used = new(StringComparer.Ordinal);
    private int _next;

    /// <summary>How many of the 500 were handed out.</summary>
    public int Used => _used.Count;

    /// <summary>The next secret in whatever shape its turn has.</summary>
    public string Next()
    {
        var mark = Mark();
        return Shapes[_next % Shapes.Length](mark);
    }

    /// <summary>The next one as letters and digits only, for places that take no more.</summary>
    public string Mark()
    {
        var mark = string.Create(CultureInfo.InvariantCulture, $"q7x{_next++ % Count:0000}zw");
        _used.Add(mark);
        return mark;
    }

    /// <summary>Which of them stand in these texts, each with what stands around it.</summary>
    public static IReadOnlyList<string> In(IEnumerable<string> texts) =>
        [
            .. texts
                .SelectMany(text =>
                    Any().Matches(text).Select(match => text[Math.Max(0, match.Index - 80)..Math.Min(text.Length, match.Index + 40)])
                )
                .Take(10),
        ];

    [GeneratedRegex(@"q7x\d{4}zw", RegexOptions.IgnoreCase, 10_000)]
    private static partial Regex Any();
}
