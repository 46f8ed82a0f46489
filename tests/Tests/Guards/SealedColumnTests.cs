using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Shouldly;
using Tenet.Kernel.DataMaps;
using Tenet.Kernel.Postgres;
using Tenet.Kernel.Vault;
using Tenet.Tests.Support;
using Xunit;

namespace Tenet.Tests.Guards;

/// <summary>A rotation finds every sealed column by the data map: what it cannot reach would be lost with the older key.</summary>
public sealed class SealedColumnTests(TestCluster cluster)
{
    [Fact]
    public async Task Every_sealed_column_can_be_sealed_again_by_the_role_whose_key_seals_it()
    {
        var map = cluster.Host.Services.GetRequiredService<DataMap>();
        var workspace = SealedColumn.Of(map, KeyKind.Workspace);
        workspace.Count.ShouldBeGreaterThan(3);

        (await FindingsAsync(Databases.AppRole, workspace)).ShouldBeEmpty();
        (await FindingsAsync(Databases.SystemRole, SealedColumn.Of(map, KeyKind.Installation))).ShouldBeEmpty();
    }

    [Fact]
    [Trait("Seeded", "a sealed column that no rotation reaches")]
    public async Task A_column_said_to_be_under_the_wrong_key_is_found() =>
        (await FindingsAsync(Databases.AppRole, [new("kernel.mail", "sealed"), new("audit.due", "entry_id")])).ShouldBe([
            "tenet_app cannot seal kernel.mail.sealed again.",
            "tenet_app cannot seal audit.due.entry_id again.",
        ]);

    private async Task<List<string>> FindingsAsync(string role, IReadOnlyList<SealedColumn> columns)
    {
        await using var connection = new NpgsqlConnection(cluster.Host.AdminConnectionString);
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        var findings = new List<string>();
        foreach (var column in columns)
        {
            await using var ask = new NpgsqlCommand(
                """
                select has_column_privilege($1, $2, $3, 'select') and has_column_privilege($1, $2, $3, 'update')
                   and exists (select from pg_attribute where attrelid = $2::regclass and attname = 'id' and atttypid = 'uuid'::regtype)
                """,
                connection
            )
            {
                Parameters =
                {
                    new() { Value = role },
                    new() { Value = column.Table },
                    new() { Value = column.Column },
                },
            };
            if (await ask.ExecuteScalarAsync(TestContext.Current.CancellationToken) is not true)
            {
                findings.Add($"{role} cannot seal {column.Table}.{column.Column} again.");
            }
        }
        return findings;
    }
}
