using Tenet.Kernel.DataMaps;
using Tenet.Kernel.Vault;
using Tenet.Kernel.Workspaces;

namespace Tenet.Kernel.Policies.Kinds;

/// <summary>Sealed columns hold sealed values and nothing else.</summary>
internal sealed class EnvelopeEncryption(DataMap map)
    : ClaimKind(
        "envelope_encryption",
        "Sealed columns hold AES-256-GCM values under a key of the workspace, itself wrapped by the operator's master key."
    )
{
    private const int Sample = 1_000;

    public override string Limits =>
        "A thousand values of each column are looked at. That the master key is kept safely is the operator's word.";

    public override string Key(Claim claim) => "sealed columns";

    public override async Task<Finding> ProbeAsync(ProbeRun run, Claim claim, CancellationToken ct)
    {
        var columns = SealedColumns(map);
        return await run.LookAsync(
            async ctx =>
            {
                var versions = await ctx.ListAsync($"select version from vault.workspace_key", row => row.GetInt32(0), ct);
                var violations = new List<string>();
                long looked = 0;
                foreach (var (table, column) in columns)
                {
                    var values = await ctx.ListAsync(Statement(table, column), row => row.GetFieldValue<byte[]>(0), ct);
                    looked += values.Count;
                    var open = values.Count(value => !IsSealed(value, versions));
                    if (open > 0)
                    {
                        violations.Add($"{open} values of {table}.{column} are not sealed under a key of this workspace.");
                    }
                }
                return Finding.Of(
                    violations,
                    looked == 0
                        ? $"Nothing is stored in the {columns.Count} sealed columns yet."
                        : $"{looked} values in {columns.Count} sealed columns, all of them ciphertext under a known key.",
                    looked,
                    string.Join('\n', columns.Select(column => Statement(column.Table, column.Column).ToString()))
                );
            },
            ct
        );
    }

    private static bool IsSealed(byte[] value, List<int> versions)
    {
        try
        {
            var header = SealedHeader.Read(value);
            return header.Format == SealedHeader.OfSubject || versions.Contains(header.Version);
        }
        catch (SealException)
        {
            return false;
        }
    }

    /// <summary>Columns sealed under a key of the workspace or of a person; the installation's own are not a workspace's to look at.</summary>
    internal static IReadOnlyList<(string Table, string Column)> SealedColumns(DataMap map) =>
        [
            .. map.Tables.SelectMany(table =>
                table
                    .Columns.Where(column => column is { Class: DataClass.Sealed, Under: KeyKind.Workspace })
                    .Select(column => (table.Table, column.Column))
            ),
        ];

    private static Sql Statement(string table, string column) =>
        Sql.Constant($"select {column} from {table} where {column} is not null limit {Sample}");
}
