namespace Tenet.Kernel.Policies;

/// <summary>A published set of promises. What enforcers read is what people read.</summary>
/// <param name="Name">Such as <c>crm</c>.</param>
/// <param name="Version">Such as <c>2026.1</c>.</param>
/// <param name="Notice">How long before it takes effect a material change is announced.</param>
public sealed record Policy(string Name, string Version, string Title, DateOnly Effective, Period Notice, IReadOnlyList<Promise> Promises)
{
    /// <summary>All claims that are in force, with their promise.</summary>
    public IEnumerable<(Promise Promise, Claim Claim)> Claims =>
        Promises.SelectMany(promise => promise.Claims.Select(claim => (promise, claim)));
}

/// <summary>How much a promise is worth.</summary>
public enum Strength
{
    /// <summary>Cannot be violated without changing schema or code.</summary>
    Guarantee,

    /// <summary>Enforced, and probed.</summary>
    Control,

    /// <summary>People do it by a described way.</summary>
    Procedure,

    /// <summary>A named person's evidence, which expires.</summary>
    Attestation,
}

/// <summary>One statement that a person can read, and what it means to the machine.</summary>
/// <param name="Awaits">The part of Tenet that is not built yet; null when the promise is in force.</param>
/// <param name="Line">Where it stands in its file.</param>
public sealed record Promise(string Id, string Says, Strength Strength, IReadOnlyList<Claim> Claims, string? Awaits, string File, int Line);

/// <summary>A claim kind with its values.</summary>
public sealed record Claim(ClaimKind Kind, IReadOnlyDictionary<string, object> Values)
{
    /// <exception cref="KeyNotFoundException">The kind has no such parameter, or it is optional and absent.</exception>
    public T Get<T>(string parameter) => (T)Values[parameter];

    public Period Period(string parameter) => Get<Period>(parameter);

    public Period? PeriodOrNull(string parameter) => Values.TryGetValue(parameter, out var value) ? (Period)value : null;

    public string Text(string parameter) => Get<string>(parameter);

    /// <summary>Same kind, same values.</summary>
    public bool SaysTheSame(Claim other) =>
        Kind.Name == other.Kind.Name
        && Values.Count == other.Values.Count
        && Values.All(value => other.Values.TryGetValue(value.Key, out var against) && Equal(value.Value, against));

    /// <summary>For people who compare: <c>retention: of audit.log, keep 365 days</c>.</summary>
    public override string ToString() =>
        Values.Count == 0
            ? Kind.Name
            : Kind.Name
                + ": "
                + string.Join(
                    ", ",
                    Values.Select(value => $"{value.Key} {(value.Value is List<string> words ? string.Join(" + ", words) : value.Value)}")
                );

    /// <summary>The same for claims that say the same.</summary>
    internal string Fingerprint =>
        Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(ToString())));

    private static bool Equal(object one, object other) =>
        one is List<string> words && other is List<string> others ? words.SequenceEqual(others, StringComparer.Ordinal) : one.Equals(other);
}
