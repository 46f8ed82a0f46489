using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace Tenet.Kernel.Postgres;

/// <summary>One file of <c>schema/</c>: forward only, never edited once it has been applied.</summary>
/// <param name="Release">
/// The release it came with, from a first line <c>-- Release 2.</c>; 1 without such a line. Files of one release are applied together, and
/// hosts of the release before must be able to work on what they leave.
/// </param>
internal sealed record SchemaFile(int Number, string Name, string Text, int Release = 1)
{
    public string Checksum { get; } = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Text.ReplaceLineEndings("\n"))));
}

internal static partial class SchemaFiles
{
    /// <summary>The files beside the program, in the order of their numbers, without gap or double.</summary>
    public static IReadOnlyList<SchemaFile> Read(string folder)
    {
        var files = Directory
            .EnumerateFiles(folder, "*.sql")
            .Select(path => Read(path, File.ReadAllText(path)))
            .OrderBy(file => file.Number)
            .ToList();
        for (var i = 0; i < files.Count; i++)
        {
            if (i > 0 && (files[i].Release < files[i - 1].Release || files[i].Release > files[i - 1].Release + 1))
            {
                throw new InvalidOperationException($"The releases of the schema files must follow each other; {files[i].Name} does not.");
            }
            if (files[i].Number != i + 1)
            {
                throw new InvalidOperationException(
                    $"The schema files must be numbered without a gap; {files[i].Name} is not number {i + 1:0000}."
                );
            }
        }
        return files.Count > 0
            ? files
            : throw new InvalidOperationException($"No schema files in {folder}: the installation is incomplete.");
    }

    private static SchemaFile Read(string path, string text)
    {
        var release = ReleaseLine().Match(text);
        return new SchemaFile(
            NumberOf(path),
            Path.GetFileNameWithoutExtension(path),
            text,
            release.Success ? int.Parse(release.Groups["n"].Value, CultureInfo.InvariantCulture) : 1
        );
    }

    [GeneratedRegex(@"\A-- Release (?<n>[1-9][0-9]{0,3})\.", RegexOptions.None, 1000)]
    private static partial Regex ReleaseLine();

    private static int NumberOf(string path) =>
        int.TryParse(Path.GetFileName(path).AsSpan(0, 4), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw new InvalidOperationException($"{Path.GetFileName(path)} does not start with a four-digit number.");
}
