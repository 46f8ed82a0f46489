using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Shouldly;
using Tenet.Kernel.Events;
using Tenet.Kernel.Workspaces;
using Tenet.Tests.Support;
using Xunit;

namespace Tenet.Tests.Kernel.Events;

public sealed class EventRelayTests(TestCluster cluster) : IAsyncLifetime
{
    private const string Listening = "datname = current_database() and query like 'listen%'";
    private readonly CancellationToken _ct = TestContext.Current.CancellationToken;
    private readonly ConcurrentQueue<WorkspaceEvent> _here = [];
    private readonly ConcurrentQueue<WorkspaceEvent> _there = [];
    private string _database = "";
    private KernelApp _one = null!;
    private KernelApp _two = null!;
    private Workspace _workspace = null!;

    public async ValueTask InitializeAsync()
    {
        _database = await cluster.CreateDatabaseAsync();
        _one = await KernelApp.StartAsync(cluster, _database);
        _two = await KernelApp.StartAsync(cluster, _database);
        _workspace = await _one.OpenWorkspaceAsync();
        _one.Services.GetRequiredService<EventHub>().Subscribe(_workspace.Id, _here.Enqueue);
        _two.Services.GetRequiredService<EventHub>().Subscribe(_workspace.Id, _there.Enqueue);
        await ListeningAsync();
    }

    [Fact]
    public async Task What_happens_on_one_node_is_told_on_the_other_once_and_at_home_once()
    {
        var ids = Enumerable.Range(0, 500).Select(_ => Guid.CreateVersion7()).ToList();

        await Parallel.ForEachAsync(ids, _ct, async (id, _) => await PublishAsync(_one, id));
        await ArrivedAsync(_there, ids);
        // What comes back from the other node would have come before this.
        var last = Guid.CreateVersion7();
        await PublishAsync(_two, last);
        await ArrivedAsync(_here, [last]);

        Told(_here).Order().ShouldBe(ids.Append(last).Order());
        Told(_there).Order().ShouldBe(ids.Append(last).Order());
    }

    [Fact]
    public async Task A_subscriber_hears_of_its_workspace_only_and_nothing_after_it_has_gone()
    {
        var other = await _one.OpenWorkspaceAsync();
        var heard = new ConcurrentQueue<WorkspaceEvent>();
        var subscription = _two.Services.GetRequiredService<EventHub>().Subscribe(other.Id, heard.Enqueue);

        var (first, second, third) = (Guid.CreateVersion7(), Guid.CreateVersion7(), Guid.CreateVersion7());
        await PublishAsync(_one, first, other);
        await ArrivedAsync(heard, [first]);
        subscription.Dispose();
        await PublishAsync(_one, second, other);
        await PublishAsync(_one, third);
        await ArrivedAsync(_there, [third]);

        Told(heard).ShouldBe([first]);
        Told(_there).ShouldBe([third]);
    }

    [Fact]
    public async Task After_a_broken_connection_subscribers_are_told_to_read_again_and_hear_what_follows()
    {
        await KillAsync(Listening);
        await Eventually.HoldsAsync(
            async () => await ScalarAsync($"select count(*) from pg_stat_activity where {Listening}") < 2,
            "it broke",
            _ct
        );
        await ListeningAsync();
        await Eventually.HoldsAsync(
            () => _there.Any(item => item.Topic.Equals(WorkspaceEvent.Resync, StringComparison.Ordinal)),
            "subscribers are told to read again",
            _ct
        );

        var id = Guid.CreateVersion7();
        await PublishAsync(_one, id);
        await ArrivedAsync(_there, [id]);
    }

    [Fact]
    public async Task What_could_not_be_sent_because_the_connection_broke_is_sent_again()
    {
        for (var n = 0; n < 5; n++)
        {
            await KillAsync("usename = 'tenet_system' and query not like 'listen%'");
            var id = Guid.CreateVersion7();
            await PublishAsync(_one, id);
            await ArrivedAsync(_there, [id]);
        }
    }

    [Fact]
    public async Task What_a_node_committed_before_it_died_untold_is_told_by_the_others_once()
    {
        var ids = Enumerable.Range(0, 20).Select(_ => Guid.CreateVersion7()).ToList();
        foreach (var id in ids)
        {
            // The row as the dead node's transaction left it: nobody sends a NOTIFY.
            await _one.Door.BatchAsync(
                _workspace.Id,
                Actor.System,
                batch =>
                    batch.Add(
                        $"insert into kernel.event (id, topic, subject_id) values ({Guid.CreateVersion7()}, {"test.happened"}, {id})"
                    ),
                _ct
            );
        }
        await ArrivedAsync(_here, ids);
        await ArrivedAsync(_there, ids);
        var last = Guid.CreateVersion7();
        await PublishAsync(_one, last);
        await ArrivedAsync(_there, [last]);
        // Two more sweeps, which find what was told already.
        await Task.Delay(TimeSpan.FromSeconds(4.5), _ct);

        Told(_here).Order().ShouldBe(ids.Append(last).Order());
        Told(_there).Order().ShouldBe(ids.Append(last).Order());
    }

    [Fact]
    public async Task A_stopping_node_still_sends_what_it_committed()
    {
        var ids = Enumerable.Range(0, 300).Select(_ => Guid.CreateVersion7()).ToList();
        await Parallel.ForEachAsync(ids, _ct, async (id, _) => await PublishAsync(_one, id));
        await _one.StopAsync();

        await ArrivedAsync(_there, ids);

        Told(_there).Order().ShouldBe(ids.Order());
    }

    [Fact]
    public async Task A_handler_that_throws_keeps_nobody_from_hearing()
    {
        using var faulty = _one
            .Services.GetRequiredService<EventHub>()
            .Subscribe(_workspace.Id, _ => throw new InvalidOperationException());
        var id = Guid.CreateVersion7();

        await PublishAsync(_one, id);

        Told(_here).ShouldBe([id]);
        await ArrivedAsync(_there, [id]);
    }

    public async ValueTask DisposeAsync()
    {
        await _one.DisposeAsync();
        await _two.DisposeAsync();
    }

    private Task PublishAsync(KernelApp node, Guid id, Workspace? workspace = null) =>
        node.Door.BatchAsync((workspace ?? _workspace).Id, Actor.System, batch => batch.Publish("test.happened", id), _ct);

    private Task ArrivedAsync(ConcurrentQueue<WorkspaceEvent> events, IReadOnlyCollection<Guid> ids) =>
        Eventually.HoldsAsync(() => !ids.Except(events.Select(item => item.Id)).Any(), "the events have arrived", _ct);

    private static IEnumerable<Guid> Told(IEnumerable<WorkspaceEvent> events) =>
        events.Where(item => !item.Topic.Equals(WorkspaceEvent.Resync, StringComparison.Ordinal)).Select(item => item.Id);

    private Task ListeningAsync() =>
        Eventually.HoldsAsync(
            async () => await ScalarAsync($"select count(*) from pg_stat_activity where {Listening}") == 2,
            "both nodes listen",
            _ct
        );

    private Task<long> KillAsync(string which) =>
        ScalarAsync(
            $"select count(pg_terminate_backend(pid)) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid() and {which}"
        );

    private async Task<long> ScalarAsync(string sql)
    {
        await using var connection = new NpgsqlConnection(_database + ";Pooling=false");
        await connection.OpenAsync(_ct);
        await using var command = new NpgsqlCommand(sql, connection);
        return (long)(await command.ExecuteScalarAsync(_ct))!;
    }
}
