namespace Tenet.Commands;

/// <summary>A policy file that a person named, with those beside it and those that come with Tenet, which it may extend.</summary>
internal static class PolicyFiles
{
    /// <exception cref="InvalidOperationException">There is no such file.</exception>
    public static IReadOnlyList<(string Name, byte[] Bytes)> With(FileInfo file)
    {
        if (!file.Exists)
        {
            throw new InvalidOperationException($"There is no file {file.FullName}.");
        }
        var others = new[] { file.DirectoryName!, Path.Combine(AppContext.BaseDirectory, "policies") }
            .Where(Directory.Exists)
            .SelectMany(folder => Directory.EnumerateFiles(folder, "*.yaml"))
            .Select(path => new FileInfo(path))
            .Where(other => other.Name != file.Name)
            .DistinctBy(other => other.Name, StringComparer.Ordinal);
        return [.. others.Prepend(file).Select(other => (other.Name, File.ReadAllBytes(other.FullName)))];
    }
}
