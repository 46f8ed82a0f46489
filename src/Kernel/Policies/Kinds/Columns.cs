using Tenet.Kernel.Workspaces;

namespace Tenet.Kernel.Policies.Kinds;

/// <summary>A table's columns as the catalogue has them.</summary>
internal static class Columns
{
    public const string Statement =
        "select attname::text from pg_attribute where attrelid = $1::regclass and attnum > 0 and not attisdropped order by attnum";

    /// <summary>Without the workspace's id, which every table has.</summary>
    public static async Task<IReadOnlyList<string>> OfAsync(WorkspaceContext ctx, string table, CancellationToken ct)
    {
        var columns = await ctx.ListAsync(
            $"select attname::text from pg_attribute where attrelid = {table}::regclass and attnum > 0 and not attisdropped order by attnum",
            row => row.GetString(0),
            ct
        );
        return [.. columns.Where(column => column != "workspace_id")];
    }
}
