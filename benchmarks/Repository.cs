using System.Text.Json;

namespace Tenet.Benchmarks;

/// <param name="Pages">File names of the pages that answer it.</param>
internal sealed record Question(string Text, IReadOnlyList<string> Pages);

internal static class Repository
{
    public static readonly string Root = Find();

    public static string QuestionsFile { get; } = Path.Combine(Root, "tests", "fixtures", "knowledge", "postgresql-questions.jsonl");

    /// <summary>In a visitor's words, with their right pages in the PostgreSQL manual.</summary>
    public static IReadOnlyList<Question> Questions { get; } =
    [
        .. File.ReadLines(QuestionsFile)
            .Where(line => line.Length > 0)
            .Select(line => JsonDocument.Parse(line).RootElement)
            .Select(q => new Question(
                q.GetProperty("question").GetString()!,
                [.. q.GetProperty("pages").EnumerateArray().Select(p => p.GetString()!)]
            )),
    ];

    private static string Find()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Tenet.slnx")))
            folder = folder.Parent;
        return folder?.FullName
            ?? throw new InvalidOperationException("The benchmarks run inside their repository: start them with ./bench.");
    }
}
