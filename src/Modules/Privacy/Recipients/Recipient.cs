namespace Tenet.Privacy.Recipients;

/// <summary>Somebody outside who receives data: a sub-processor of GDPR Art. 28(2) and (4).</summary>
/// <param name="Host">As it is called: <c>api.example.com</c>, or <c>*.example.com</c> for all below it.</param>
public sealed record Recipient(string Name, string Purpose, string Region, string Host)
{
    /// <summary>How a policy or a setting writes one.</summary>
    public const string Form = "name | what for | where | host";

    /// <returns>Null when the text is not of the form.</returns>
    public static Recipient? Parse(string text)
    {
        var parts = text.Split('|', StringSplitOptions.TrimEntries);
        return
            parts.Length == 4
            && Array.TrueForAll(parts, part => part.Length > 0)
            && Uri.CheckHostName(parts[3].StartsWith("*.", StringComparison.Ordinal) ? parts[3][2..] : parts[3]) != UriHostNameType.Unknown
            ? new Recipient(parts[0], parts[1], parts[2], parts[3].ToLowerInvariant())
            : null;
    }

    public bool Covers(string host) =>
        Host.StartsWith("*.", StringComparison.Ordinal)
            ? host.EndsWith(Host[1..], StringComparison.OrdinalIgnoreCase)
            : host.Equals(Host, StringComparison.OrdinalIgnoreCase);
}
