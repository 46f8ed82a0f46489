using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Tenet.Kernel.Postgres;
using Tenet.Kernel.Workspaces;
using Tenet.Tests.Support;
using Xunit;

namespace Tenet.Tests.Kernel.Workspaces;

/// <summary>Two workspaces take turns on one and the same connection, while work is cancelled, refused and thrown away.</summary>
public sealed class OneConnectionTests(TestCluster cluster) : IAsyncLifetime
{
    private readonly CancellationToken _ct = TestContext.Current.CancellationToken;
    private KernelApp _app = null!;

    public async ValueTask InitializeAsync() =>
        _app = await KernelApp.StartAsync(
            cluster,
            await cluster.CreateDatabaseAsync(),
            options: kernel => kernel with { Database = kernel.Database with { MaxPoolSize = 1 }, Background = false }
        );

    [Fact]
    public async Task No_end_of_a_piece_of_work_lets_the_next_one_see_a_foreign_row()
    {
        var workspaces = new[] { await _app.OpenWorkspaceAsync(), await _app.OpenWorkspaceAsync() };
        foreach (var workspace in workspaces)
        {
            await _app.Door.BatchAsync(workspace.Id, Actor.System, batch => batch.Enqueue("test.never", workspace.Id), _ct);
        }
        Func<Guid, Task>[] ends = [CommitAsync, ThrowAsync, CancelAsync, CancelBatchAsync, BreakAsync, BreakBatchAsync, AbandonAsync];

        for (var turn = 0; turn < Nightly.Times(1_400, 10_000); turn++)
        {
            var workspace = workspaces[turn % 2].Id;
            await ends[turn % ends.Length](workspace);
            var other = workspaces[(turn + 1) % 2].Id;
            (await SeenAsync(other)).ShouldBe([other], $"after turn {turn}");
            (await SeenInBatchAsync(other)).ShouldBe([other], $"after turn {turn}");
        }
    }

    [Fact]
    public async Task A_connection_bound_to_no_workspace_sees_and_writes_nothing()
    {
        var workspace = await _app.OpenWorkspaceAsync();
        await _app.Door.BatchAsync(workspace.Id, Actor.System, batch => batch.Enqueue("test.never", workspace.Id), _ct);

        await using var connection = await _app.Services.GetRequiredService<Databases>().App.OpenConnectionAsync(_ct);
        await using var read = connection.CreateCommand();
        read.CommandText = "select count(*) from kernel.job";
        (await read.ExecuteScalarAsync(_ct)).ShouldBe(0L);
        await using var write = connection.CreateCommand();
        write.CommandText = "update kernel.job set attempt = 1000000";
        (await write.ExecuteNonQueryAsync(_ct)).ShouldBe(0);
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private Task CommitAsync(Guid workspace) =>
        _app.Door.RunAsync(workspace, Actor.System, ctx => ctx.ExecuteAsync($"update kernel.job set attempt = attempt + 1", _ct), _ct);

    private Task ThrowAsync(Guid workspace) =>
        Should.ThrowAsync<InvalidOperationException>(() =>
            _app.Door.RunAsync(
                workspace,
                Actor.System,
                async ctx =>
                {
                    await ctx.ExecuteAsync($"update kernel.job set attempt = 1000000", _ct);
                    throw new InvalidOperationException();
                },
                _ct
            )
        );

    private async Task CancelAsync(Guid workspace)
    {
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(_ct);
        await Should.ThrowAsync<OperationCanceledException>(() =>
            _app.Door.RunAsync(
                workspace,
                Actor.System,
                async ctx =>
                {
                    cancel.CancelAfter(2);
                    await ctx.ScalarAsync<object>($"select pg_sleep(30)", cancel.Token);
                },
                cancel.Token
            )
        );
    }

    private async Task CancelBatchAsync(Guid workspace)
    {
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(_ct);
        cancel.CancelAfter(2);
        await Should.ThrowAsync<OperationCanceledException>(() =>
            _app.Door.BatchAsync(workspace, Actor.System, batch => batch.Add($"select pg_sleep(30)"), cancel.Token)
        );
    }

    private Task BreakAsync(Guid workspace) =>
        Should.ThrowAsync<Npgsql.PostgresException>(() =>
            _app.Door.RunAsync(workspace, Actor.System, ctx => ctx.ScalarAsync<int>($"select 1 / {0}", _ct), _ct)
        );

    private Task BreakBatchAsync(Guid workspace) =>
        Should.ThrowAsync<Npgsql.PostgresException>(() =>
            _app.Door.BatchAsync(
                workspace,
                Actor.System,
                batch =>
                {
                    batch.Add($"select * from kernel.job");
                    batch.Add($"select 1 / {0}");
                },
                _ct
            )
        );

    // The rows are given up half-read.
    private Task AbandonAsync(Guid workspace) =>
        _app.Door.RunAsync(
            workspace,
            Actor.System,
            async ctx =>
            {
                await foreach (var _ in ctx.StreamAsync($"select generate_series(1, 100000)", row => row.GetInt32(0), _ct))
                {
                    break;
                }
            },
            _ct
        );

    private Task<List<Guid>> SeenAsync(Guid workspace) =>
        _app.Door.RunAsync(
            workspace,
            Actor.System,
            ctx => ctx.ListAsync($"select workspace_id from kernel.job where attempt < 1000000", row => row.GetGuid(0), _ct),
            _ct
        );

    private Task<List<Guid>> SeenInBatchAsync(Guid workspace) =>
        _app.Door.BatchAsync(
            workspace,
            Actor.System,
            batch => batch.Add($"select workspace_id from kernel.job where attempt < 1000000"),
            results => results.ListAsync(row => row.GetGuid(0), _ct),
            _ct
        );
}
