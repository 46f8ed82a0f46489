using Tenet.Kernel.DataMaps;
using Tenet.Kernel.Workspaces;

namespace Tenet.Accounts.Factors;

/// <summary>What a workspace asks of its members at sign-in. Without a row: nothing beyond the link.</summary>
[Record("accounts.sign_in_policy", Purpose.Authentication, Keep = "accounts.sign_in_policies")]
internal sealed record SignInPolicy
{
    [Operational]
    public bool RequiresFactor { get; init; }

    [Operational]
    public DateTimeOffset ChangedAt { get; init; }

    public static Task<bool> RequiresFactorAsync(WorkspaceContext ctx, CancellationToken ct) =>
        ctx.ScalarAsync<bool>($"select requires_factor from accounts.sign_in_policy", ct);

    /// <summary>Members without a second factor are led to set one up at their next sign-in.</summary>
    public static async Task RequireFactorAsync(WorkspaceContext ctx, bool required, CancellationToken ct)
    {
        await ctx.ExecuteAsync(
            $"""
            insert into accounts.sign_in_policy (requires_factor, changed_at) values ({required}, {ctx.Now})
            on conflict (workspace_id) do update set requires_factor = excluded.requires_factor, changed_at = excluded.changed_at
            """,
            ct
        );
        ctx.Audit(required ? "sign_in.factor_required" : "sign_in.factor_optional", "workspace", ctx.WorkspaceId);
    }
}
