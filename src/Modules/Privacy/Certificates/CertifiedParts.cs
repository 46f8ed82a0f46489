namespace Tenet.Privacy.Certificates;

/// <summary>A key that was destroyed, and when it was, by the database's clock.</summary>
public sealed record CertifiedKey(string Key, DateTimeOffset DestroyedAt);

/// <summary>A place in which older copies may lie.</summary>
/// <param name="ExpiresAt">By when they are gone; null where this program makes none and does not know.</param>
public sealed record CertifiedBackup(string Store, DateTimeOffset? ExpiresAt, string Says)
{
    internal static IReadOnlyList<CertifiedBackup> OfThisVersion { get; } =
    [
        new(
            "backups",
            null,
            "This version of Tenet makes no backups of its own. Copies that the operator makes of the database end as the operator's procedure says; what they bring back is known again by the ledger outside and deleted anew."
        ),
    ];
}
