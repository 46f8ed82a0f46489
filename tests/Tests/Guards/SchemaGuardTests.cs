using Npgsql;
using Shouldly;
using Tenet.Tests.Support;
using Xunit;

namespace Tenet.Tests.Guards;

public sealed class SchemaGuardTests(TestCluster cluster)
{
    [Fact]
    public async Task Every_table_stands_behind_the_one_door()
    {
        await using var connection = await OpenAsync(cluster.Host.AdminConnectionString);
        (await SchemaGuard.FindingsAsync(connection)).ShouldBeEmpty();
    }

    [Fact]
    [Trait("Seeded", "a table without row-level security")]
    [Trait("Seeded", "FORCE taken off a table")]
    [Trait("Seeded", "a policy dropped")]
    [Trait("Seeded", "a policy that lets all rows of a table through")]
    [Trait("Seeded", "a policy for every role")]
    [Trait("Seeded", "a primary key that does not begin with workspace_id")]
    [Trait("Seeded", "a foreign key that does not begin with workspace_id")]
    [Trait("Seeded", "a unique index over all workspaces")]
    [Trait("Seeded", "a view of a tenant's table")]
    [Trait("Seeded", "a materialized view of a tenant's table")]
    [Trait("Seeded", "TRUNCATE granted")]
    [Trait("Seeded", "a tenant's table granted to everybody")]
    [Trait("Seeded", "a function that runs as its owner")]
    [Trait("Seeded", "a role that bypasses row-level security")]
    [Trait("Seeded", "a role made superuser")]
    [Trait("Seeded", "a partition without a policy")]
    public async Task Each_way_to_break_the_door_is_found()
    {
        await using var connection = await OpenAsync(await cluster.CreateDatabaseAsync());
        await RunAsync(connection, Clean);
        (await SchemaGuard.FindingsAsync(connection)).ShouldBeEmpty();
        foreach (var (sabotage, finding) in Sabotages)
        {
            // Undone by the rollback, so that even the roles, which all databases of the cluster share, can be broken.
            await using var transaction = await connection.BeginTransactionAsync();
            await RunAsync(connection, sabotage);

            var findings = await SchemaGuard.FindingsAsync(connection);

            findings.ShouldContain(text => text.Contains(finding, StringComparison.Ordinal), sabotage + "\n" + string.Join('\n', findings));
        }
    }

    private const string Clean = """
        create schema lab;
        create table lab.thing (
          workspace_id uuid not null references kernel.workspace (id), id uuid not null, name text,
          primary key (workspace_id, id), unique (workspace_id, name));
        select kernel.protect('lab.thing');
        create table lab.part (
          workspace_id uuid not null, id uuid not null, thing_id uuid, primary key (workspace_id, id),
          foreign key (workspace_id, thing_id) references lab.thing (workspace_id, id));
        select kernel.protect('lab.part');
        """;

    private static readonly (string Sql, string Finding)[] Sabotages =
    [
        ("create table lab.bare (id uuid primary key)", "lab.bare has no row-level security"),
        ("alter table lab.thing disable row level security", "lab.thing has no row-level security"),
        ("alter table lab.thing no force row level security", "lab.thing has no row-level security"),
        ("drop policy workspace on lab.thing", "lab.thing has no policy"),
        ("create policy all_of_it on lab.thing to tenet_app using (true)", "by policy all_of_it"),
        ("create policy half on lab.thing to tenet_app using (workspace_id is not null) with check (true)", "by policy half"),
        ("create policy everyone on lab.thing using (workspace_id = kernel.workspace())", "by policy everyone"),
        (
            "alter table lab.part drop constraint part_pkey; alter table lab.part add primary key (id, workspace_id)",
            "lab.part is read by tenants and its primary key"
        ),
        ("alter table lab.part alter column workspace_id drop default", "lab.part.workspace_id may be null"),
        ("create unique index one_name on lab.thing (name)", "unique index lab.one_name"),
        ("create unique index turned on lab.thing (name, workspace_id)", "unique index lab.turned"),
        ("create unique index computed on lab.thing (lower(name))", "unique index lab.computed"),
        ("alter table lab.thing add exclude using btree (name with =)", "exclusion constraint"),
        (
            "alter table lab.thing add unique (id, workspace_id); alter table lab.part add constraint turned_key foreign key (thing_id, workspace_id) references lab.thing (id, workspace_id)",
            "foreign key turned_key"
        ),
        ("create view lab.glass as select * from lab.thing", "lab.glass is a view"),
        ("create materialized view lab.copy as select * from lab.thing", "lab.copy is a materialized view"),
        ("grant truncate on lab.thing to tenet_app", "tenet_app may truncate lab.thing"),
        ("grant trigger on lab.thing to tenet_system", "tenet_system may trigger lab.thing"),
        ("grant select on lab.thing to public", "public may select lab.thing"),
        ("grant select on lab.thing to tenet_app with grant option", "tenet_app may select lab.thing"),
        ("grant create on schema lab to public", "public may create the schema lab"),
        ("create function lab.peek() returns bigint security definer language sql as 'select count(*) from lab.thing'", "lab.peek()"),
        ("alter table lab.thing owner to tenet_app", "The role tenet_app owns"),
        ("alter role tenet_app bypassrls", "The role tenet_app may do more"),
        ("alter role tenet_system superuser", "The role tenet_system may do more"),
        ("create role lab_crew; grant lab_crew to tenet_app", "The role tenet_app is a member of lab_crew"),
        (
            "create table lab.split (workspace_id uuid not null, id uuid not null, primary key (workspace_id, id)) partition by hash (workspace_id); create table lab.split_0 partition of lab.split for values with (modulus 1, remainder 0); select kernel.protect('lab.split')",
            "lab.split_0 has no row-level security"
        ),
    ];

    private static async Task<NpgsqlConnection> OpenAsync(string connectionString)
    {
        var connection = new NpgsqlConnection(connectionString + ";Pooling=false");
        await connection.OpenAsync();
        return connection;
    }

    private static async Task RunAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }
}
