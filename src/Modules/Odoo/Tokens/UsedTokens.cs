using Tenet.Kernel.DataMaps;
using Tenet.Kernel.Workspaces;

namespace Tenet.Odoo.Tokens;

/// <summary>A token's <c>jti</c> or a signed request's nonce, remembered until it would have ended anyway.</summary>
[Record("odoo.used", Purpose.Authentication, Keep = OdooRules.Used)]
internal sealed record UsedToken
{
    [Operational]
    public Guid Id { get; init; }

    [Operational]
    public DateTimeOffset ExpiresAt { get; init; }
}

internal static class UsedTokens
{
    public static Sql Take(Guid id, DateTimeOffset until) =>
        $"insert into odoo.used (id, expires_at) values ({id}, {until}) on conflict do nothing returning id";

    /// <summary>False for the second taker, on whichever node.</summary>
    public static async Task<bool> TakeAsync(WorkspaceScope door, Guid workspaceId, Guid id, DateTimeOffset until, CancellationToken ct) =>
        await door.BatchAsync(
            workspaceId,
            Actor.System,
            batch => batch.Add(Take(id, until)),
            rows => rows.FirstOrDefaultAsync(row => (Guid?)row.GetGuid(0), ct),
            ct
        )
            is not null;
}
