using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Tenet.Odoo.Turns;

/// <summary>
/// Figures in an answer must be figures that Odoo gave or the user wrote: what a model adds up itself is in neither. A number is taken under both
/// ways of writing it (1,234.50 and 1.234,50) and compared at the precision in which it is written.
/// </summary>
internal sealed partial class FigureCheck
{
    private const int MostFigures = 20_000;
    private readonly HashSet<decimal> _known = [];

    public void AddText(string? text)
    {
        foreach (Match match in Number().Matches(text ?? ""))
        {
            foreach (var value in Readings(match.Value))
            {
                Add(value);
            }
        }
    }

    public void AddResult(JsonElement json)
    {
        switch (json.ValueKind)
        {
            case JsonValueKind.Object:
                foreach (var property in json.EnumerateObject())
                {
                    AddResult(property.Value);
                }
                break;
            case JsonValueKind.Array:
                Add(json.GetArrayLength());
                foreach (var item in json.EnumerateArray())
                {
                    AddResult(item);
                }
                break;
            case JsonValueKind.Number when json.TryGetDecimal(out var number):
                Add(number);
                break;
            case JsonValueKind.String:
                AddText(json.GetString());
                break;
        }
    }

    /// <summary>Whether each figure is known. Numbers of a list's items and citations are no figures.</summary>
    public bool Grounds(string answer) => Number().Matches(NoFigure().Replace(answer, " ")).All(match => IsKnown(match.Value));

    private void Add(decimal value)
    {
        if (_known.Count < MostFigures)
        {
            _known.Add(Math.Abs(value));
        }
    }

    private bool IsKnown(string written) =>
        Readings(written).Any(value => _known.Contains(value) || _known.Any(known => Rounds(known, value)));

    private static bool Rounds(decimal known, decimal shown)
    {
        var places = (decimal.GetBits(shown)[3] >> 16) & 0xff;
        return known < 1_000_000_000_000_000m && Math.Round(known, Math.Min(places, 10), MidpointRounding.AwayFromZero) == shown;
    }

    private static IEnumerable<decimal> Readings(string written)
    {
        var text = Spaces().Replace(written, "");
        if (
            decimal.TryParse(
                text.Replace(",", "", StringComparison.Ordinal),
                NumberStyles.AllowDecimalPoint,
                CultureInfo.InvariantCulture,
                out var english
            )
        )
        {
            yield return english;
        }
        var other = text.Replace(".", "", StringComparison.Ordinal).Replace(',', '.');
        if (decimal.TryParse(other, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var european))
        {
            yield return european;
        }
    }

    // Groups of three may be parted by a point, a comma, an apostrophe or a space.
    [GeneratedRegex(
        @"[0-9]{1,3}([.,'’\u00a0\u202f ][0-9]{3})+([.,][0-9]+)?|[0-9]+([.,][0-9]+)?",
        RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture
    )]
    private static partial Regex Number();

    [GeneratedRegex(@"['’\u00a0\u202f ]", RegexOptions.NonBacktracking)]
    private static partial Regex Spaces();

    // "[1]", "1. " at a line's beginning, and addresses of links.
    [GeneratedRegex(@"\[[0-9, -]+\]|(?m:^)\s*[0-9]{1,2}[.)] |\]\([^)]*\)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex NoFigure();
}
