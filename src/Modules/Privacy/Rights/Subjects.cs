using Tenet.Kernel.DataMaps;
using Tenet.Kernel.Workspaces;

namespace Tenet.Privacy.Rights;

/// <summary>A row that stands for a person: a visitor, a member, an invitation.</summary>
internal sealed record PersonRow(string Table, Guid Id);

/// <summary>What a table holds of a person.</summary>
/// <param name="Retained">Why it stays when they are erased; null when it goes.</param>
public sealed record HeldRows(string Table, string Purpose, long Rows, IReadOnlyList<string> Categories, string? Retained);

/// <summary>Finds a person over all modules, by the columns that identify, and counts what is held of them. Knows no module: only the map.</summary>
internal sealed class Subjects(Census census)
{
    private const int AtMost = 100;

    /// <summary>By an e-mail address, a phone number, the customer's own id or an id of ours.</summary>
    /// <returns>At most 100 rows; the same person may stand in several tables, and more than once.</returns>
    public async Task<List<PersonRow>> FindAsync(WorkspaceContext ctx, string value, CancellationToken ct)
    {
        await RestrictedRows.ShowAsync(ctx, ct);
        var graph = await census.SubjectsAsync(ct);
        var found = new List<PersonRow>();
        foreach (var table in graph.Persons)
        {
            foreach (var column in table.Map.Columns.Where(column => column.Identifies))
            {
                if (Matches(table, column, value.Trim()) is not { } condition)
                {
                    continue;
                }
                found.AddRange(
                    await ctx.ListAsync(
                        $"select id from {Sql.Constant(table.Table)} where {condition} limit {AtMost}",
                        row => new PersonRow(table.Table, row.GetGuid(0)),
                        ct
                    )
                );
            }
        }
        return [.. found.Distinct().Take(AtMost)];
    }

    /// <summary>Those of the ids that stand for a person of this workspace.</summary>
    public async Task<List<PersonRow>> OfAsync(WorkspaceContext ctx, Guid[] ids, CancellationToken ct)
    {
        await RestrictedRows.ShowAsync(ctx, ct);
        var found = new List<PersonRow>();
        foreach (var table in (await census.SubjectsAsync(ct)).Persons)
        {
            found.AddRange(
                await ctx.ListAsync(
                    $"select id from {Sql.Constant(table.Table)} where id = any({ids})",
                    row => new PersonRow(table.Table, row.GetGuid(0)),
                    ct
                )
            );
        }
        return found;
    }

    /// <summary>The texts by which these persons are known, in lower case: what to look for in places that no row leads from.</summary>
    public async Task<IReadOnlyList<string>> IdentifiersAsync(WorkspaceContext ctx, Guid[] ids, CancellationToken ct) =>
        [.. (await KnownByAsync(ctx, ids, ct)).Where(text => text.Length > 3)];

    /// <summary>The same, with those that are too short to be looked for in texts.</summary>
    public async Task<IReadOnlyCollection<string>> KnownByAsync(WorkspaceContext ctx, Guid[] ids, CancellationToken ct)
    {
        await RestrictedRows.ShowAsync(ctx, ct);
        var texts = new HashSet<string>(StringComparer.Ordinal);
        foreach (var table in (await census.SubjectsAsync(ct)).Persons)
        {
            foreach (var column in table.Map.Columns.Where(column => column.Identifies))
            {
                var name = Sql.Constant(column.Column);
                texts.UnionWith(
                    await ctx.ListAsync(
                        $"select lower({name}::text) from {Sql.Constant(table.Table)} where id = any({ids}) and {name} is not null",
                        row => row.GetString(0),
                        ct
                    )
                );
            }
        }
        return texts;
    }

    /// <summary>What is held of these persons, table by table; tables that say nothing about a person are left out.</summary>
    public async Task<List<HeldRows>> PreviewAsync(WorkspaceContext ctx, Guid[] ids, CancellationToken ct)
    {
        await RestrictedRows.ShowAsync(ctx, ct);
        var graph = await census.SubjectsAsync(ct);
        var held = new List<HeldRows>();
        foreach (var table in graph.Tenants.Where(table => table.Personal.Any()).Reverse())
        {
            if (await CountAsync(ctx, graph, table, ids, ct) is > 0 and var rows)
            {
                held.Add(
                    new HeldRows(
                        table.Table,
                        table.Map.Purpose,
                        rows,
                        [.. table.Personal.Select(column => column.Category!).Distinct(StringComparer.Ordinal)],
                        table.Retained
                    )
                );
            }
        }
        return held;
    }

    public static Task<long> CountAsync(WorkspaceContext ctx, SubjectGraph graph, SubjectTable table, Guid[] ids, CancellationToken ct) =>
        ctx.ScalarAsync<long>($"select count(*) from {Sql.Constant(table.Table)} where {graph.RowsOf(table, ids)}", ct);

    /// <summary>Null when the value cannot stand in such a column.</summary>
    private static Sql? Matches(SubjectTable table, ColumnMap column, string value)
    {
        var name = Sql.Constant(column.Column);
        var type = table.Map.Entity.GetProperty(column.Property)!.PropertyType;
        if (type == typeof(Guid) || type == typeof(Guid?))
        {
            return Guid.TryParse(value, out var id) ? Equal(name, [id]) : null;
        }
        return column.Category switch
        {
            Category.Email => value.Contains('@', StringComparison.Ordinal) ? Equal(name, [value, value.ToLowerInvariant()]) : null,
            // Kept as E.164 says: a plus and digits.
            Category.Phone => PhoneNumber(value) is { } number ? Equal(name, [value, number]) : null,
            _ => Equal(name, [value]),
        };
    }

    private static Sql Equal<T>(Sql name, T[] values) => $"{name} = any({values})";

    internal static string? PhoneNumber(string value)
    {
        var digits = string.Concat(value.Where(char.IsAsciiDigit));
        var international = value.StartsWith("00", StringComparison.Ordinal) ? digits[2..] : digits;
        return
            value.All(c => char.IsAsciiDigit(c) || c is '+' or ' ' or '-' or '(' or ')' or '/' or '.')
            && international.Length is >= 6 and <= 15
            ? "+" + international
            : null;
    }
}
