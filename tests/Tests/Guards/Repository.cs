namespace Tenet.Tests.Guards;

/// <summary>The files of the repository as they are on disk, without what is built or fetched.</summary>
internal static class Repository
{
    private static readonly string[] NotOurs =
    [
        "bin",
        "obj",
        "node_modules",
        "dist",
        "data",
        "artifacts",
        "TestResults",
        ".git",
        ".vs",
        ".idea",
    ];

    public static string Root { get; } = FindRoot();

    /// <summary>All files, by their path from the root with forward slashes.</summary>
    public static IEnumerable<SourceFile> Files(params string[] extensions) =>
        Walk(new DirectoryInfo(Root))
            .Where(file => extensions.Length == 0 || extensions.Contains(file.Extension, StringComparer.OrdinalIgnoreCase))
            .Select(file => new SourceFile(Path.GetRelativePath(Root, file.FullName), File.ReadAllText(file.FullName)))
            .OrderBy(file => file.Path, StringComparer.Ordinal);

    /// <summary>A list that people review: one entry a line, <c>#</c> starts a comment.</summary>
    public static IReadOnlyList<string> ReviewedList(string name) =>
        File.ReadLines(Path.Combine(Root, "tests/Tests/Guards", name))
            .Select(line => line.Split('#')[0].Trim())
            .Where(line => line.Length > 0)
            .ToList();

    /// <summary>One sentence per entry that is found and not reviewed, or reviewed and no longer found.</summary>
    public static IReadOnlyList<string> CompareWithReviewed(IEnumerable<string> found, IReadOnlyCollection<string> reviewed)
    {
        var all = found.ToHashSet(StringComparer.Ordinal);
        return
        [
            .. all.Except(reviewed, StringComparer.Ordinal).Select(entry => $"{entry} is not on the reviewed list."),
            .. reviewed.Except(all, StringComparer.Ordinal).Select(entry => $"{entry} is on the reviewed list and no longer exists."),
        ];
    }

    private static IEnumerable<FileInfo> Walk(DirectoryInfo folder) =>
        folder
            .EnumerateFiles()
            .Where(file => !NotOurs.Contains(file.Name))
            .Concat(
                folder.EnumerateDirectories().Where(inner => inner.LinkTarget is null && !NotOurs.Contains(inner.Name)).SelectMany(Walk)
            );

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Tenet.slnx")))
        {
            folder = folder.Parent;
        }
        return folder?.FullName ?? throw new InvalidOperationException("The tests run outside the repository.");
    }
}

internal sealed record SourceFile(string Path, string Text);
