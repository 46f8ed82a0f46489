namespace Tenet.Odoo.Writes;

/// <summary>What the copilot can propose to change in an Odoo. Each can be switched off by itself.</summary>
internal enum OdooAction
{
    CreateRecord,
    UpdateRecord,
    ArchiveRecord,
    ConfirmOrder,
    PostMessage,
    ScheduleActivity,
}

internal static class OdooActions
{
    public static readonly IReadOnlyList<OdooAction> All = Enum.GetValues<OdooAction>();

    private static readonly Dictionary<string, OdooAction> ByTool = All.ToDictionary(action => action.Tool(), StringComparer.Ordinal);

    /// <summary>As the addon names the tool and the database the action.</summary>
    public static string Tool(this OdooAction action) => Kernel.Postgres.SqlValue.Text(action);

    public static OdooAction? Find(string tool) => ByTool.TryGetValue(tool, out var action) ? action : null;
}
