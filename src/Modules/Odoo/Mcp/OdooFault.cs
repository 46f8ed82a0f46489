namespace Tenet.Odoo.Mcp;

/// <summary>Why an Odoo did not do what was asked, as far as can be told from outside.</summary>
internal enum OdooFault
{
    Unreachable,
    Slow,
    Certificate,

    /// <summary>The address is not public.</summary>
    Address,

    /// <summary>503, or a page instead of an answer.</summary>
    Maintenance,
    TooLarge,

    /// <summary>404: the addon is not there.</summary>
    NotInstalled,

    /// <summary>401 or 403: the addon does not know our signature or the user's token.</summary>
    Refused,

    /// <summary>Anything else.</summary>
    Protocol,
}

/// <summary>Carries no text of Odoo: exceptions end in logs.</summary>
internal sealed class OdooException(OdooFault fault) : Exception($"Odoo failed: {fault}.")
{
    public OdooFault Fault => fault;

    /// <summary>As the panel and the database name it.</summary>
    public string Code => CodeOf(fault);

    public static string CodeOf(OdooFault fault) => "odoo_" + Kernel.Postgres.SqlValue.Text(fault);
}
