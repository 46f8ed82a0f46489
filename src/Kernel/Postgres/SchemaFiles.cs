using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Tenet.Kernel.Postgres;

/// <summary>One file of <c>schema/</c>: forward only, never edited once it has been applied.</summary>
internal sealed record SchemaFile(int Number, string Name, string Text)
{
    public string Checksum { get; } = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Text.ReplaceLineEndings("\n"))));
}

internal static class SchemaFiles
{
    /// <summary>The files beside the program, in the order of their numbers, without gap or double.</summary>
    public static IReadOnlyList<SchemaFile> Read(string folder)
    {
        var files = Directory
            .EnumerateFiles(folder, "*.sql")
            .Select(path => new SchemaFile(NumberOf(path), Path.GetFileNameWithoutExtension(path), File.ReadAllText(path)))
            .OrderBy(file => file.Number)
            .ToList();
        for (var i = 0; i < files.Count; i++)
        {
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

    private static int NumberOf(string path) =>
        int.TryParse(Path.GetFileName(path).AsSpan(0, 4), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw new InvalidOperationException($"{Path.GetFileName(path)} does not start with a four-digit number.");
}
