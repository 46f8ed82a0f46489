using System.Text.Json.Nodes;
using Tenet.Kernel.DataMaps;
using Tenet.Kernel.Vault;
using Tenet.Kernel.Workspaces;

namespace Tenet.Privacy.Exports;

/// <summary>Reads a person's rows of one table, a page at a time, with sealed columns opened.</summary>
internal sealed class PersonRows(WorkspaceVault vault)
{
    /// <summary>In a row, the sealed columns that no key opens any more: their values are null, and the rest of the row is there.</summary>
    public const string Unreadable = "$unreadable";

    private const int PageSize = 500;

    public IAsyncEnumerable<JsonObject> ReadAsync(
        WorkspaceContext ctx,
        SubjectGraph graph,
        SubjectTable table,
        Guid[] persons,
        CancellationToken ct
    ) => ReadAsync(ctx, table.Map, graph.RowsOf(table, persons), ct);

    /// <summary>The rows of a table of which a condition holds.</summary>
    public async IAsyncEnumerable<JsonObject> ReadAsync(
        WorkspaceContext ctx,
        TableMap table,
        Sql which,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken ct
    )
    {
        var opened = table.Columns.Where(column => column.Class is DataClass.Sealed && ExportColumns.Withheld(column) is null).ToList();
        string[] left =
        [
            "workspace_id",
            .. table.Columns.Where(column => ExportColumns.Withheld(column) is not null).Select(column => column.Column),
        ];
        await ctx.ExecuteAsync(
            $"""
            declare person_rows no scroll cursor for
            select (to_jsonb(t) - {left}::text[])::text from {Sql.Constant(table.Table)} t where {which}
            """,
            ct
        );
        while (await ctx.ListAsync(Sql.Constant($"fetch {PageSize} from person_rows"), row => row.GetString(0), ct) is { Count: > 0 } page)
        {
            foreach (var text in page)
            {
                var row = JsonNode.Parse(text)!.AsObject();
                foreach (var column in opened)
                {
                    await OpenAsync(ctx, table, column, row, ct);
                }
                yield return row;
            }
        }
        await ctx.ExecuteAsync(Sql.Constant("close person_rows"), ct);
    }

    private async Task OpenAsync(WorkspaceContext ctx, TableMap table, ColumnMap column, JsonObject row, CancellationToken ct)
    {
        if (row[column.Column]?.GetValue<string>() is not { } hex)
        {
            return;
        }
        var place = new SealedPlace(table.Table, column.Column, row["id"]!.GetValue<Guid>());
        try
        {
            row[column.Column] = await vault.OpenAsync(ctx, place, Convert.FromHexString(hex.AsSpan(2)), ct);
        }
        catch (SealException e) when (e.IsForGood)
        {
            // One value must not keep everything else from whom it belongs to.
            row[column.Column] = null;
            var unreadable = row[Unreadable] as JsonArray ?? [];
            unreadable.Add(column.Column);
            row[Unreadable] = unreadable;
        }
    }
}
