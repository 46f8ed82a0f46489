namespace Tenet.Kernel.Policies;

/// <summary>A piece of a policy file with the line it stands on: a text, a list or a mapping.</summary>
internal abstract record PolicyNode(int Line);

internal sealed record PolicyText(int Line, string Value) : PolicyNode(Line);

internal sealed record PolicyList(int Line, IReadOnlyList<PolicyNode> Items) : PolicyNode(Line);

internal sealed record PolicyMap(int Line, IReadOnlyList<PolicyEntry> Entries) : PolicyNode(Line)
{
    public PolicyEntry? Find(string key) => Entries.FirstOrDefault(entry => entry.Key == key);

    /// <summary>The other mapping's entries take the place of those with the same key.</summary>
    public PolicyMap With(PolicyMap other) => new(other.Line, [.. Entries.Where(entry => other.Find(entry.Key) is null), .. other.Entries]);
}

internal sealed record PolicyEntry(string Key, int Line, PolicyNode Value);
