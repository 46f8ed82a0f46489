using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Shouldly;
using Tenet.Kernel.Events;
using Tenet.Kernel.Workspaces;
using Tenet.Tests.Support;
using Xunit;

namespace Tenet.Tests.Kernel.Workspaces;

public sealed class OneDoorTests(TestCluster cluster)
{
    private readonly TestHost _host = cluster.Host;
    private readonly CancellationToken _ct = TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_workspace_sees_its_own_rows_only()
    {
        var (a, b) = (await _host.OpenWorkspaceAsync(), await _host.OpenWorkspaceAsync());
        await _host.Door.RunAsync(a.Id, Actor.System, ctx => Later(ctx, c => c.Schedule("test.never", a.Id, TimeSpan.FromDays(9))), _ct);

        (await CountSchedulesAsync(a.Id)).ShouldBe(1);
        (await CountSchedulesAsync(b.Id)).ShouldBe(0);
    }

    [Fact]
    public async Task A_row_cannot_be_written_into_another_workspace()
    {
        var (a, b) = (await _host.OpenWorkspaceAsync(), await _host.OpenWorkspaceAsync());

        var refused = await Should.ThrowAsync<PostgresException>(() =>
            _host.Door.RunAsync(
                a.Id,
                Actor.System,
                ctx =>
                    ctx.ExecuteAsync(
                        $"insert into vault.workspace_key (workspace_id, version, wrapped) values ({b.Id}, 1, {new byte[] { 1 }})",
                        _ct
                    ),
                _ct
            )
        );

        refused.SqlState.ShouldBe(PostgresErrorCodes.InsufficientPrivilege);
    }

    [Fact]
    public async Task Nothing_of_a_failed_piece_of_work_is_left()
    {
        var a = await _host.OpenWorkspaceAsync();

        await Should.ThrowAsync<InvalidOperationException>(() =>
            _host.Door.RunAsync(
                a.Id,
                Actor.System,
                async ctx =>
                {
                    await ctx.ExecuteAsync($"insert into vault.workspace_key (version, wrapped) values (7, {new byte[] { 1 }})", _ct);
                    throw new InvalidOperationException();
                },
                _ct
            )
        );

        (
            await _host.Door.RunAsync(
                a.Id,
                Actor.System,
                ctx => ctx.ScalarAsync<long>($"select count(*) from vault.workspace_key", _ct),
                _ct
            )
        ).ShouldBe(0);
    }

    [Fact]
    public async Task A_batch_is_one_transaction_bound_to_its_workspace()
    {
        var a = await _host.OpenWorkspaceAsync();

        await Should.ThrowAsync<PostgresException>(() =>
            _host.Door.BatchAsync(
                a.Id,
                Actor.System,
                batch =>
                {
                    batch.Add($"insert into vault.workspace_key (version, wrapped) values (1, {new byte[] { 1 }})");
                    batch.Add($"insert into vault.workspace_key (version, wrapped) values (1, {new byte[] { 1 }})");
                },
                _ct
            )
        );

        var seen = await _host.Door.BatchAsync(
            a.Id,
            Actor.System,
            batch => batch.Add($"select count(*), kernel.workspace() from vault.workspace_key"),
            results => results.FirstOrDefaultAsync(row => (Count: row.GetInt64(0), Workspace: row.GetGuid(1)), _ct),
            _ct
        );
        seen.ShouldBe((0, a.Id));
    }

    [Fact]
    public async Task The_directory_role_sees_nothing_of_a_workspace_that_is_open()
    {
        var open = await _host.OpenWorkspaceAsync();
        await _host.Door.BatchAsync(open.Id, Actor.System, batch => batch.Audit("test.done", "test", open.Id), _ct);

        // It may delete rows of closed workspaces, and so may count them; it reads no column of anybody's.
        (
            await _host.System.RunAsync(
                s => s.ScalarAsync<long>($"select count(*) from audit.entry where workspace_id = {open.Id}", _ct),
                _ct
            )
        ).ShouldBe(0);
        var refused = await Should.ThrowAsync<PostgresException>(() =>
            _host.System.RunAsync(s => s.ScalarAsync<string>($"select action from audit.entry limit 1", _ct), _ct)
        );
        refused.SqlState.ShouldBe(PostgresErrorCodes.InsufficientPrivilege);
    }

    [Fact]
    public async Task An_event_is_delivered_after_the_commit_and_not_before()
    {
        var a = await _host.OpenWorkspaceAsync();
        var seen = new List<string>();
        using var subscription = _host.Services.GetRequiredService<EventHub>().Subscribe(a.Id, item => seen.Add(item.Topic));

        await _host.Door.RunAsync(
            a.Id,
            Actor.System,
            ctx =>
            {
                ctx.Publish("test.happened", a.Id);
                seen.ShouldBeEmpty();
                return Task.CompletedTask;
            },
            _ct
        );

        seen.ShouldBe(["test.happened"]);
    }

    [Fact]
    public void Text_in_a_statement_becomes_a_parameter_and_nested_statements_are_renumbered()
    {
        Sql inner = $"b = {"two"} and c = {3}";
        Sql sql = $"select 1 where a = {"'; drop table x"} and {inner} and d = {4L}";

        var text = sql.Text;
        text.ShouldBe("select 1 where a = $1 and b = $2 and c = $3 and d = $4");
        sql.Parameters.Select(p => p.Value).ShouldBe(["'; drop table x", "two", 3, 4L]);
    }

    private Task<long> CountSchedulesAsync(Guid workspace) =>
        _host.Door.RunAsync(workspace, Actor.System, ctx => ctx.ScalarAsync<long>($"select count(*) from kernel.schedule", _ct), _ct);

    private static Task Later(WorkspaceContext ctx, Action<WorkspaceContext> act)
    {
        act(ctx);
        return Task.CompletedTask;
    }
}
