using Tenet.Kernel.Postgres;
using Tenet.Kernel.Workspaces;
using Tenet.Odoo.Tokens;
using Tenet.Odoo.Writes;

namespace Tenet.Odoo.Switches;

/// <summary>The switches of a workspace. They narrow what the user's own rights in Odoo allow, and never widen it.</summary>
/// <param name="Asking">The lowest group that may ask.</param>
/// <param name="Actions">The lowest group for each action; one that is missing is off.</param>
internal sealed record CopilotSwitches(
    UserGroup Asking,
    bool ReadOnly,
    DateTimeOffset? StoppedAt,
    DateTimeOffset? HaltedAt,
    IReadOnlyDictionary<OdooAction, UserGroup> Actions
)
{
    public static readonly CopilotSwitches Default = new(
        UserGroup.User,
        ReadOnly: false,
        StoppedAt: null,
        HaltedAt: null,
        OdooActions.All.ToDictionary(action => action, _ => UserGroup.Writer)
    );

    /// <summary>As they stand under the operator's own switch for the whole installation.</summary>
    public CopilotSwitches Under(CopilotOptions options) =>
        options.Off ? this with { HaltedAt = HaltedAt ?? DateTimeOffset.UnixEpoch } : this;

    public bool IsOff => (StoppedAt ?? HaltedAt) is not null;

    public bool MayAsk(UserGroup group) => !IsOff && group >= Asking;

    /// <returns>Null when the group may have it proposed and approve it; else a code of the contract.</returns>
    public string? WhyNot(OdooAction action, UserGroup group) =>
        !MayAsk(group) ? "switched_off"
        : ReadOnly ? "read_only"
        : Actions.TryGetValue(action, out var least) && group >= least ? null
        : "action_off";

    public IEnumerable<OdooAction> Allowed(UserGroup group) => OdooActions.All.Where(action => WhyNot(action, group) is null);

    public static async Task<CopilotSwitches> ReadAsync(WorkspaceContext ctx, CancellationToken ct) =>
        await ctx.FirstOrDefaultAsync(
            $"""
            select asking, read_only, stopped_at, halted_at, create_record, update_record, archive_record, confirm_order, post_message,
                   schedule_activity
              from odoo.switches
            """,
            row => new CopilotSwitches(
                SqlValue.Enum<UserGroup>(row.GetString(0)),
                row.GetBoolean(1),
                row.ValueOrNull<DateTimeOffset>(2),
                row.ValueOrNull<DateTimeOffset>(3),
                OdooActions
                    .All.Select((action, n) => (action, word: row.GetString(4 + n)))
                    .Where(one => one.word != Off)
                    .ToDictionary(one => one.action, one => SqlValue.Enum<UserGroup>(one.word))
            ),
            ct
        ) ?? Default;

    public string WordOf(OdooAction action) => Actions.TryGetValue(action, out var least) ? SqlValue.Text(least) : Off;

    private const string Off = "off";
}
