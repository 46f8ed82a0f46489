namespace Tenet.Kernel.Policies;

public enum Verdict
{
    Holds,
    Broken,

    /// <summary>The probe could not look: said with the reason, never as holding.</summary>
    Unknown,

    /// <summary>A person's evidence is past its date.</summary>
    Lapsed,
}

/// <summary>What a probe saw. It never contains personal data: names of tables, counts, times.</summary>
/// <param name="Says">One sentence for people: <c>31 tables under row-level security, none without.</c></param>
/// <param name="Looked">How many things were looked at.</param>
/// <param name="Query">SHA-256 of what was asked, in hex: the same look gives the same value.</param>
public sealed record Finding(Verdict Verdict, string Says, long Looked, string Query)
{
    public static Finding Holds(string says, long looked, string query) => new(Verdict.Holds, says, looked, Hash(query));

    public static Finding Broken(string says, long looked, string query) => new(Verdict.Broken, says, looked, Hash(query));

    public static Finding Lapsed(string says, string query) => new(Verdict.Lapsed, says, 1, Hash(query));

    public static Finding Unknown(string says) => new(Verdict.Unknown, says, 0, "");

    /// <summary>Broken when there are violations, each named in at most a few words.</summary>
    public static Finding Of(IReadOnlyCollection<string> violations, string holds, long looked, string query) =>
        violations.Count == 0
            ? Holds(holds, looked, query)
            : Broken(
                string.Join(" ", violations.Take(5)) + (violations.Count > 5 ? $" And {violations.Count - 5} more." : ""),
                looked,
                query
            );

    private static string Hash(string query) =>
        Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(query)));
}
