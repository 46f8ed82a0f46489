using System.Text;
using System.Text.Json;

namespace Tenet.Kernel.Policies;

/// <summary>A version of a policy as it was published.</summary>
/// <param name="Policy">Its <see cref="Policy.Effective"/> is the day on which it takes effect.</param>
/// <param name="Replaces">The version that was in force then; null for the first one.</param>
/// <param name="IsMaterial">Whether it changed what that one promised.</param>
public sealed record PublishedVersion(Policy Policy, DateTimeOffset PublishedAt, string? Replaces, bool IsMaterial);

/// <summary>A version that is laid ready and promises nothing yet.</summary>
public sealed record PolicyDraft(Policy Policy, DateTimeOffset DraftedAt);

/// <summary>A policy's files as they are stored: its own first, then those it extends.</summary>
internal static class PolicyFilesJson
{
    public static string Write(IEnumerable<(string Name, byte[] Bytes)> files) =>
        JsonSerializer.Serialize(files.Select(file => new StoredFile(file.Name, Encoding.UTF8.GetString(file.Bytes))));

    public static List<(string Name, byte[] Bytes)> Read(string json) =>
        [.. JsonSerializer.Deserialize<List<StoredFile>>(json)!.Select(file => (file.Name, Encoding.UTF8.GetBytes(file.Text)))];

    private sealed record StoredFile(string Name, string Text);
}
