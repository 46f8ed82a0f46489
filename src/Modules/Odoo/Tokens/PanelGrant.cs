using Tenet.Kernel.DataMaps;

namespace Tenet.Odoo.Tokens;

/// <summary>What one panel of one user holds: refreshed every quarter of an hour, ended by the reuse of an old refresh token.</summary>
[Record("odoo.panel_grant", Purpose.Authentication, Keep = OdooRules.Grants)]
[NoSubject(OdooRules.NumberOnly)]
internal sealed record PanelGrant
{
    [Operational]
    public Guid Id { get; init; }

    [Operational]
    public Guid TenantId { get; init; }

    [Personal(Category.UniqueId)]
    public int Uid { get; init; }

    /// <summary>Of the one refresh token that is good; earlier ones are smaller.</summary>
    [Operational]
    public int Generation { get; init; }

    [Operational]
    public DateTimeOffset OpenedAt { get; init; }

    [Operational]
    public DateTimeOffset RefreshedAt { get; init; }

    /// <summary>Until when requests are taken without a refresh.</summary>
    [Operational]
    public DateTimeOffset GoodUntil { get; init; }

    /// <summary>Until when it can be refreshed.</summary>
    [Operational]
    public DateTimeOffset RefreshUntil { get; init; }

    [Operational]
    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>"reuse", "stranger" or "disconnect".</summary>
    [Operational]
    public string? EndedBy { get; init; }
}
