using Npgsql;
using Shouldly;
using Tenet.Kernel.Vault;
using Tenet.Tests.Support;
using Xunit;

namespace Tenet.Tests.Kernel.Postgres;

// It spoils roles, which all databases of the cluster share.
[Collection("Roles")]
public sealed class MigratorTests(TestCluster cluster) : IDisposable
{
    private readonly DirectoryInfo _schema = Directory.CreateTempSubdirectory("tenet-schema-");
    private readonly MasterKey _key = MasterKey.FromFile(cluster.MasterKeyFile, create: false);

    [Fact]
    public async Task Files_are_applied_in_order_and_once()
    {
        var database = await cluster.CreateEmptyDatabaseAsync();
        Write("0001_first.sql", "create table public.first (id int);");
        Write("0002_second.sql", "alter table public.first add column more int;");

        (await TestCluster.MigrateAsync(database, _key, _schema.FullName)).ShouldBe(2);
        (await TestCluster.MigrateAsync(database, _key, _schema.FullName)).ShouldBe(0);
    }

    [Fact]
    public async Task Nodes_that_start_at_once_apply_each_file_once()
    {
        var database = await cluster.CreateEmptyDatabaseAsync();
        Write("0001_first.sql", "create table public.first (id int); select pg_sleep(0.2); insert into public.first values (1);");

        var applied = await Task.WhenAll(
            Enumerable.Range(0, 4).Select(_ => Task.Run(() => TestCluster.MigrateAsync(database, _key, _schema.FullName)))
        );

        applied.Order().ShouldBe([0, 0, 0, 1]);
        (await ScalarAsync<long>(database, "select count(*) from public.first")).ShouldBe(1);
    }

    [Fact]
    public async Task A_file_that_fails_in_the_middle_leaves_nothing_and_is_tried_again()
    {
        var database = await cluster.CreateEmptyDatabaseAsync();
        Write("0001_first.sql", "create table public.first (id int);");
        Write("0002_second.sql", "create table public.half (id int); select 1 / 0;");

        await Should.ThrowAsync<PostgresException>(() => TestCluster.MigrateAsync(database, _key, _schema.FullName));

        (await ScalarAsync<bool>(database, "select to_regclass('public.half') is null")).ShouldBeTrue();
        (await ScalarAsync<int>(database, "select max(number) from public.tenet_schema")).ShouldBe(1);
        Write("0002_second.sql", "create table public.half (id int);");
        (await TestCluster.MigrateAsync(database, _key, _schema.FullName)).ShouldBe(1);
    }

    [Theory]
    [InlineData("update public.tenet_schema set checksum = 'other' where number = 1", "differs from the file")]
    [InlineData("update public.tenet_schema set number = 0 where number = 1", "differs from the file")]
    [InlineData("update public.tenet_schema set applied_at = null where number = 2", "was begun and not finished")]
    [InlineData(
        "insert into public.tenet_schema (number, name, checksum, applied_at) values (3, '0003_future', 'x', now())",
        "does not know"
    )]
    public async Task A_database_that_this_version_does_not_fit_is_refused_and_left_alone(string change, string reason)
    {
        var database = await cluster.CreateEmptyDatabaseAsync();
        Write("0001_first.sql", "create table public.first (id int);");
        Write("0002_second.sql", "create table public.second (id int);");
        await TestCluster.MigrateAsync(database, _key, _schema.FullName);
        await ScalarAsync<object>(database, change);
        if (!change.StartsWith("insert", StringComparison.Ordinal))
        {
            Write("0003_third.sql", "create table public.third (id int);");
        }

        var refused = await Should.ThrowAsync<InvalidOperationException>(() => TestCluster.MigrateAsync(database, _key, _schema.FullName));

        refused.Message.ShouldContain(reason);
        (await ScalarAsync<bool>(database, "select to_regclass('public.third') is null")).ShouldBeTrue();
    }

    [Fact]
    public async Task Files_with_a_gap_are_refused_before_anything_is_applied()
    {
        var database = await cluster.CreateEmptyDatabaseAsync();
        Write("0001_first.sql", "create table public.first (id int);");
        Write("0003_third.sql", "create table public.third (id int);");

        var refused = await Should.ThrowAsync<InvalidOperationException>(() => TestCluster.MigrateAsync(database, _key, _schema.FullName));

        refused.Message.ShouldContain("0003_third is not number 0002");
        (await ScalarAsync<bool>(database, "select to_regclass('public.first') is null")).ShouldBeTrue();
    }

    [Fact]
    public async Task Another_master_key_is_refused_and_neither_schema_nor_passwords_change()
    {
        var database = await cluster.CreateDatabaseAsync();
        await using (await TestHost.StartAsync(database, cluster.MasterKeyFile, null)) { }
        const string passwords = "select string_agg(rolpassword, ' ' order by rolname) from pg_authid where rolname like 'tenet%'";
        var before = await ScalarAsync<string>(database, passwords);

        var other = MasterKey.FromHex(new string('a', MasterKey.Length * 2), "the test");
        var refused = await Should.ThrowAsync<InvalidOperationException>(() => TestCluster.MigrateAsync(database, other));

        refused.Message.ShouldContain("Put the right key file back");
        (await ScalarAsync<string>(database, passwords)).ShouldBe(before);
        (
            await ScalarAsync<bool>(database, "select relforcerowsecurity from pg_class where oid = 'kernel.installation'::regclass")
        ).ShouldBeTrue();
    }

    [Fact]
    public async Task A_role_that_could_bypass_the_policies_is_refused()
    {
        // Judged on the very statement of the migrator: the roles are shared by every database of the cluster and cannot be broken here.
        var database = await cluster.CreateEmptyDatabaseAsync();
        await using var connection = new NpgsqlConnection(database + ";Pooling=false");
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(TestContext.Current.CancellationToken);
        await using var spoil = new NpgsqlCommand("alter role tenet_app bypassrls", connection);
        await spoil.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        await using var demand = new NpgsqlCommand(Tenet.Kernel.Postgres.Migrator.PrepareRole("tenet_app", "unused"), connection);

        var refused = await Should.ThrowAsync<PostgresException>(() => demand.ExecuteNonQueryAsync(TestContext.Current.CancellationToken));

        refused.MessageText.ShouldContain("may not be superuser or bypass");
    }

    public void Dispose() => _schema.Delete(recursive: true);

    private void Write(string name, string sql) => File.WriteAllText(Path.Combine(_schema.FullName, name), sql);

    private static async Task<T?> ScalarAsync<T>(string database, string sql)
    {
        await using var connection = new NpgsqlConnection(database + ";Pooling=false");
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync(TestContext.Current.CancellationToken) is T value ? value : default;
    }
}
