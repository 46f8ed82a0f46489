using System.Buffers.Binary;
using Tenet.Kernel.DataMaps;
using Tenet.Kernel.Workspaces;

namespace Tenet.Kernel.Vault;

/// <summary>A column of sealed values, as the data map knows it.</summary>
internal sealed record SealedColumn(string Table, string Column)
{
    private const int BatchSize = 200;

    public static IReadOnlyList<SealedColumn> Of(DataMap map, KeyKind under) =>
        [
            .. map.Tables.SelectMany(table =>
                table.Columns.Where(column => column.Under == under).Select(column => new SealedColumn(table.Table, column.Column))
            ),
        ];

    public SealedPlace Place(Guid row) => new(Table, Column, row);

    // From the attributes of the program's own entities, never from outside.
    private Sql T => Sql.Constant(Table);
    private Sql C => Sql.Constant(Column);

    // Values under a person's key stay as they are: that key is sealed again, not what it seals.
    private Sql IsOld(int version) =>
        $"substring({C} from 1 for 1) in ('\\x01'::bytea, '\\x02'::bytea) and substring({C} from 2 for 4) <> {VersionBytes(version)}";

    public Task<long> CountOldAsync(DataContext db, int version, CancellationToken ct) =>
        db.ScalarAsync<long>($"select count(*) from {T} where {IsOld(version)}", ct);

    /// <summary>The next values, by id, that are not sealed under the version.</summary>
    public Task<List<(Guid Id, byte[] Value)>> OldAsync(DataContext db, int version, Guid after, CancellationToken ct) =>
        db.ListAsync(
            $"select id, {C} from {T} where id > {after} and {IsOld(version)} order by id limit {BatchSize}",
            row => (row.GetGuid(0), row.GetFieldValue<byte[]>(1)),
            ct
        );

    /// <summary>The next values, by id, whatever they are sealed under.</summary>
    public Task<List<(Guid Id, byte[] Value)>> AllAsync(DataContext db, Guid after, CancellationToken ct) =>
        db.ListAsync(
            $"select id, {C} from {T} where id > {after} and {C} is not null order by id limit {BatchSize}",
            row => (row.GetGuid(0), row.GetFieldValue<byte[]>(1)),
            ct
        );

    /// <summary>Puts new values in the place of those that are still as they were read: a writer who came in between is not undone.</summary>
    public async Task ReplaceAsync(DataContext db, IReadOnlyList<(Guid Id, byte[] Old, byte[] New)> values, CancellationToken ct)
    {
        if (values.Count == 0)
        {
            return;
        }
        var (ids, old, renewed) = (
            values.Select(v => v.Id).ToArray(),
            values.Select(v => v.Old).ToArray(),
            values.Select(v => v.New).ToArray()
        );
        await db.ExecuteAsync(
            $"""
            update {T} as target set {C} = v.new
              from unnest({ids}, {old}, {renewed}) as v(id, old, new)
             where target.id = v.id and target.{C} = v.old
            """,
            ct
        );
    }

    public static byte[] VersionBytes(int version)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(bytes, version);
        return bytes;
    }
}
