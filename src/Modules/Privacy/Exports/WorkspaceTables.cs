using Tenet.Kernel.DataMaps;
using Tenet.Kernel.Workspaces;
using Tenet.Privacy.Closings;

namespace Tenet.Privacy.Exports;

/// <summary>Which tables and columns the copy of a workspace holds: all behind the one door, but for what says here why not.</summary>
internal static class WorkspaceTables
{
    private static readonly IReadOnlyDictionary<string, string> LeftOut = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["vault.workspace_key"] = "Keys of this installation: what they sealed is in the copy, opened.",
        ["vault.subject_key"] = "Keys of this installation: what they sealed is in the copy, opened.",
        ["kernel.blob_chunk"] = "Sealed pieces of files: the files themselves are in the copy.",
    };

    /// <summary>Null when the table is in the copy.</summary>
    public static string? Withheld(string table) => LeftOut.GetValueOrDefault(table);

    /// <summary>Null when the column is in the copy.</summary>
    public static string? Withheld(ColumnMap column) => ExportColumns.Withheld(column);

    /// <summary>The tables of the copy, as the catalogue has them: one that the data map does not know is a fault, not left out.</summary>
    /// <exception cref="InvalidOperationException">A table is not declared by any module.</exception>
    public static async Task<IReadOnlyList<TableMap>> ListAsync(WorkspaceContext ctx, DataMap map, CancellationToken ct)
    {
        var known = map.Tables.ToDictionary(table => table.Table, StringComparer.Ordinal);
        var tables = new List<TableMap>();
        foreach (var table in (await TenantTables.InOrderAsync(ctx, ct)).Where(table => Withheld(table) is null))
        {
            tables.Add(known.GetValueOrDefault(table) ?? throw new InvalidOperationException($"No module declares the table {table}."));
        }
        return [.. tables.OrderBy(table => table.Table, StringComparer.Ordinal)];
    }
}
