namespace Tenet.Odoo;

/// <summary>Retention rules of the copilot, and what its tables say of persons.</summary>
internal static class OdooRules
{
    public const string Connection = "odoo.connection";
    public const string Sessions = "odoo.sessions";
    public const string Usage = "odoo.usage";
    public const string Codes = "odoo.connect_codes";
    public const string Grants = "odoo.grants";
    public const string Used = "odoo.used_tokens";
    public const string Switches = "odoo.switches";

    public const string NumberOnly =
        "A number in the customer's own Odoo. Who it is, is known there only; the customer asks for it by the number.";

    /// <summary>What a life clock counts with: the records end some time after their Odoo was disconnected.</summary>
    public const string WhileConnected = "connection";
}
