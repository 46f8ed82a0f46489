namespace Tenet.Odoo.Tenants;

/// <summary>A tenant as requests need it, kept in memory until it changes.</summary>
/// <param name="WorkspaceId">The tenant, as tokens name it.</param>
/// <param name="Id">The <c>kid</c>.</param>
/// <param name="Url">Without a slash at its end.</param>
internal sealed record ConnectedTenant(Guid WorkspaceId, Guid Id, Uri Url, string Database, Guid TenetKid, bool IsDisconnected)
{
    public required KeyPool AddonKey { get; init; }

    public required KeyPool TenetKey { get; init; }

    /// <summary>As browsers name where the panel's page comes from.</summary>
    public string Origin => Url.GetLeftPart(UriPartial.Authority);

    /// <summary>The revision of MCP that this addon answered last; found out with the first call.</summary>
    public string? Revision { get; set; }
}
