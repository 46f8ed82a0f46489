using Tenet.Kernel.DataMaps;
using Tenet.Kernel.Http;
using Tenet.Kernel.Subjects;
using Tenet.Kernel.Workspaces;
using Tenet.Privacy.Rights;

namespace Tenet.Privacy.Requests;

/// <summary>A field of a person that can be corrected, and what stands in it.</summary>
public sealed record CorrectableField(string Table, Guid Row, string Column, string Category, string? Value);

/// <summary>Corrects any personal field of a person, in whichever module's table it is, and keeps what stood there before.</summary>
internal sealed class RectifyPerson(Census census, IEnumerable<FixedColumn> columns, RefusedIdentifiers refused)
{
    private const int MostText = 4_000;
    private const int MostFields = 200;

    /// <summary>The fields of the rows that stand for these persons, which is where names and addresses are.</summary>
    public async Task<List<CorrectableField>> FieldsAsync(WorkspaceContext ctx, Guid[] persons, CancellationToken ct)
    {
        await RestrictedRows.ShowAsync(ctx, ct);
        var graph = await census.SubjectsAsync(ct);
        var fields = new List<CorrectableField>();
        foreach (var table in graph.Persons.Where(table => table.Retained is null))
        {
            foreach (var column in table.Personal.Where(column => Refusal(table, column) is null))
            {
                fields.AddRange(
                    await ctx.ListAsync(
                        $"select id, {Sql.Constant(column.Column)} from {Sql.Constant(table.Table)} where id = any({persons}) limit {MostFields}",
                        row => new CorrectableField(table.Table, row.GetGuid(0), column.Column, column.Category ?? "", row.TextOrNull(1)),
                        ct
                    )
                );
            }
        }
        return [.. fields.OrderBy(field => field.Table, StringComparer.Ordinal).ThenBy(field => field.Row).Take(MostFields)];
    }

    /// <param name="persons">Whose row it has to be: nobody else's is touched.</param>
    /// <param name="value">Null empties the field.</param>
    /// <exception cref="NotFoundException">The row is none of these persons'.</exception>
    /// <exception cref="RuleException">The field cannot be corrected, or not to this.</exception>
    public async Task RunAsync(
        WorkspaceContext ctx,
        Guid[] persons,
        string table,
        Guid row,
        string column,
        string? value,
        Guid? requestId,
        CancellationToken ct
    )
    {
        await RestrictedRows.ShowAsync(ctx, ct);
        var graph = await census.SubjectsAsync(ct);
        var known = graph.Tenants.FirstOrDefault(known => known.Table == table);
        var map = known?.Personal.FirstOrDefault(personal => personal.Column == column);
        if (known is null && !persons.Contains(row))
        {
            throw new NotFoundException("row of this person");
        }
        if (known is null || map is null)
        {
            throw new RuleException("column", "There is no such personal field.");
        }
        if (Refusal(known, map) is { } refusal)
        {
            throw new RuleException("column", refusal);
        }
        var after = Read(map, value);
        if (map.Identifies && await refused.AnyAsync(ctx, [after], ct))
        {
            throw new RuleException("value", "This was a child's who was erased here, and may not come in again.");
        }
        var (target, field) = (Sql.Constant(table), Sql.Constant(column));
        var found = await ctx.ListAsync(
            $"select {field} from {target} where id = {row} and {graph.RowsOf(known, persons)} for update",
            r => r.TextOrNull(0),
            ct
        );
        if (found.Count == 0)
        {
            throw new NotFoundException("row of this person");
        }
        await ctx.ExecuteAsync($"update {target} set {field} = {after} where id = {row}", ct);
        await ctx.ExecuteAsync(
            $"""
            insert into privacy.rectification
                   (id, person_id, request_id, table_name, row_id, column_name, before_text, after_text, by_kind, by_id, at)
            values ({Guid.CreateVersion7(ctx.Now)}, {persons[0]}, {requestId}, {table}, {row}, {column}, {found[0]}, {after},
                    {ctx.Actor.Kind}, {ctx.Actor.Id}, {ctx.Now})
            """,
            ct
        );
        ctx.Audit("person.corrected", "person", persons[0], new { table, column });
    }

    private static string? Read(ColumnMap map, string? value)
    {
        if (string.IsNullOrWhiteSpace(value))
        {
            return null;
        }
        var validation = new Validation();
        var text = map.Category is Category.Email ? validation.Email("value", value) : validation.Text("value", value, MostText);
        validation.Throw();
        return text;
    }

    /// <summary>Why a column cannot be corrected by hand; null when it can.</summary>
    private string? Refusal(SubjectTable table, ColumnMap column) =>
        columns.FirstOrDefault(known => known.Table == table.Table && known.Column == column.Column)?.Instead
        ?? (
            table.Retained is not null ? "This row is evidence of what was done, and stays as it was written."
            : column.Class is not DataClass.Personal || column.Category is Category.Credentials
                ? "This field is sealed. Whoever filled it in has to do so again."
            : table.Map.Entity.GetProperty(column.Property)?.PropertyType != typeof(string)
                ? "This field is no text that a person could have wrong."
            : table.Map.Columns.All(known => known.Column != "id") ? "This table's rows have no id to be named by."
            : null
        );
}
