using Tenet.Kernel.DataMaps;
using Tenet.Kernel.Vault;

namespace Tenet.Odoo.Tenants;

/// <summary>Whether Tenet reached this Odoo when it last tried.</summary>
internal enum TenantState
{
    Unchecked,
    Connected,
    Unreachable,
}

internal enum DisconnectReason
{
    Disconnect,
    Uninstall,

    /// <summary>By the workspace's admin, here.</summary>
    Console,
}

/// <summary>One database of Odoo that has registered with its own key. Its id is the <c>kid</c> of the tokens it signs.</summary>
[Record("odoo.tenant", Purpose.Assistance, Keep = OdooRules.Connection)]
internal sealed record Tenant
{
    [Operational]
    public Guid Id { get; init; }

    /// <summary>Where requests are routed to: origin and path prefix, without query or user.</summary>
    [Operational]
    public string Url { get; init; } = "";

    [Operational]
    public string Database { get; init; } = "";

    /// <summary>SubjectPublicKeyInfo of the addon's P-256 key.</summary>
    [Operational]
    public byte[] PublicKey { get; init; } = [];

    [Operational]
    public Guid TenetKid { get; init; }

    /// <summary>The key that Tenet signs its calls of this Odoo with, PKCS #8 in base64.</summary>
    [Sealed(Category.SystemCredentials)]
    public byte[] TenetKey { get; init; } = [];

    [Operational]
    public string OdooVersion { get; init; } = "";

    [Operational]
    public string AddonVersion { get; init; } = "";

    [Operational]
    public TenantState State { get; init; }

    /// <summary>An <see cref="Mcp.OdooFault"/> when unreachable.</summary>
    [Operational]
    public string? Fault { get; init; }

    [Operational]
    public DateTimeOffset ConnectedAt { get; init; }

    [Operational]
    public DateTimeOffset? CheckedAt { get; init; }

    [Operational]
    public DateTimeOffset? DisconnectedAt { get; init; }

    [Operational]
    public DisconnectReason? Reason { get; init; }

    public static SealedPlace KeyPlace(Guid id) => new("odoo.tenant", "tenet_key", id);
}

/// <summary>When somebody with this number accepted which version of the terms.</summary>
[Record("odoo.terms", Purpose.Accountability, Keep = OdooRules.Connection)]
[NoSubject(OdooRules.NumberOnly)]
internal sealed record TermsAcceptance
{
    [Operational]
    public Guid Id { get; init; }

    [Operational]
    public Guid TenantId { get; init; }

    [Operational]
    public string Version { get; init; } = "";

    [Personal(Category.UniqueId)]
    public int Uid { get; init; }

    [Operational]
    public DateTimeOffset AcceptedAt { get; init; }

    [Operational]
    public DateTimeOffset RecordedAt { get; init; }
}

/// <summary>A one-time code that connects an Odoo. Only its hash is kept.</summary>
[Record("odoo.connect_code", Purpose.Assistance, Keep = OdooRules.Codes)]
internal sealed record ConnectCodeRecord
{
    [Operational]
    public Guid Id { get; init; }

    [Operational]
    public byte[] Hash { get; init; } = [];

    [Operational]
    public DateTimeOffset CreatedAt { get; init; }

    [Operational]
    public DateTimeOffset ExpiresAt { get; init; }

    [Operational]
    public DateTimeOffset? UsedAt { get; init; }
}
