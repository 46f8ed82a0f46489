using Tenet.Kernel.Workspaces;

namespace Tenet.Privacy.Closings;

/// <summary>All tables behind the one door, from PostgreSQL's catalogue: whoever adds one need not know of this.</summary>
internal static class TenantTables
{
    /// <summary>Those that others refer to come last.</summary>
    public static async Task<IReadOnlyList<string>> InOrderAsync(WorkspaceContext ctx, CancellationToken ct)
    {
        var tables = await ctx.ListAsync(
            $"""
            select n.nspname || '.' || c.relname
              from pg_class c
              join pg_namespace n on n.oid = c.relnamespace
              join pg_attribute a on a.attrelid = c.oid and a.attname = 'workspace_id'
             where c.relkind in ('r', 'p') and not c.relispartition and has_table_privilege('tenet_app', c.oid, 'select')
             order by 1
            """,
            row => row.GetString(0),
            ct
        );
        var parents = (
            await ctx.ListAsync(
                $"""
                select cn.nspname || '.' || c.relname, pn.nspname || '.' || p.relname
                  from pg_constraint k
                  join pg_class c on c.oid = k.conrelid join pg_namespace cn on cn.oid = c.relnamespace
                  join pg_class p on p.oid = k.confrelid join pg_namespace pn on pn.oid = p.relnamespace
                 where k.contype = 'f' and k.conrelid <> k.confrelid
                """,
                row => (Child: row.GetString(0), Parent: row.GetString(1)),
                ct
            )
        ).ToLookup(key => key.Child, key => key.Parent, StringComparer.Ordinal);
        return Order(tables, parents);
    }

    /// <exception cref="InvalidOperationException">Tables refer to each other in a circle.</exception>
    internal static IReadOnlyList<string> Order(IReadOnlyList<string> tables, ILookup<string, string> parents)
    {
        var (order, left) = (new List<string>(), tables.ToHashSet(StringComparer.Ordinal));
        while (left.Count > 0)
        {
            var held = left.SelectMany(table => parents[table]).ToHashSet(StringComparer.Ordinal);
            var free = left.Where(table => !held.Contains(table)).Order(StringComparer.Ordinal).ToList();
            if (free.Count == 0)
            {
                throw new InvalidOperationException(
                    "These tables refer to each other in a circle: " + string.Join(", ", left.Order(StringComparer.Ordinal))
                );
            }
            order.AddRange(free);
            left.ExceptWith(free);
        }
        return order;
    }
}
