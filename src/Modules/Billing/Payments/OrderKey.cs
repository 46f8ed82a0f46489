namespace Tenet.Billing.Payments;

/// <summary>What we give a provider to hand back with its notices: which workspace's purchase it is. Ids only.</summary>
internal static class OrderKey
{
    private const int Digits = 32;

    public static string Write(Guid workspace, Guid purchase) => $"tenet-{workspace:N}-{purchase:N}";

    /// <returns>Null when it is none of ours.</returns>
    public static (Guid Workspace, Guid Purchase)? Read(string? text) =>
        text is { Length: 6 + Digits + 1 + Digits }
        && text.StartsWith("tenet-", StringComparison.Ordinal)
        && text[6 + Digits] == '-'
        && Guid.TryParseExact(text.AsSpan(6, Digits), "N", out var workspace)
        && Guid.TryParseExact(text.AsSpan(7 + Digits), "N", out var purchase)
            ? (workspace, purchase)
            : null;
}
