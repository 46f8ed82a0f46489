using System.Collections.Concurrent;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Tenet.Assistant;
using Tenet.Kernel.Events;
using Tenet.Kernel.Workspaces;

namespace Tenet.Inbox.Answers;

/// <summary>A turn that was asked for and has no final state yet.</summary>
internal sealed record PendingTurn(Guid ConversationId, Guid VisitorId, TurnInput Input)
{
    public Guid WorkspaceId => Input.WorkspaceId;
    public Guid TurnId => Input.TurnId;
}

/// <summary>
/// Runs turns beside the request that asked for them, one at a time per visitor, and tells the readers. What it does not bring to an end
/// (the host is killed) its watch takes up: <see cref="AnswerWatch"/>.
/// </summary>
internal sealed partial class AnswerTurn : IHostedService, IDisposable
{
    private static readonly TimeSpan RenewEvery = TimeSpan.FromSeconds(8);

    private readonly ConcurrentDictionary<Guid, Running> _running = new();
    private readonly ConcurrentDictionary<Guid, Task> _lanes = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly TurnPipeline _pipeline;
    private readonly StoreAnswer _store;
    private readonly ConversationFeed _feed;
    private readonly WorkspaceScope _door;
    private readonly TimeProvider _time;
    private readonly ILogger<AnswerTurn> _logger;
    private readonly IDisposable _subscription;

    public AnswerTurn(
        TurnPipeline pipeline,
        StoreAnswer store,
        ConversationFeed feed,
        WorkspaceScope door,
        EventHub events,
        TimeProvider time,
        ILogger<AnswerTurn> logger
    )
    {
        (_pipeline, _store, _feed, _door, _time, _logger) = (pipeline, store, feed, door, time, logger);
        _subscription = events.Subscribe(
            Guid.Empty,
            item =>
            {
                if (item.Topic.Equals(Topics.Handover, StringComparison.Ordinal))
                {
                    Cancel(item.Id);
                }
            }
        );
    }

    public void Start(PendingTurn turn) => _ = RunInLaneAsync(turn);

    /// <summary>Runs a turn to its end, or waits for it where it runs or waits for its visitor's earlier ones already.</summary>
    public Task RunInLaneAsync(PendingTurn turn)
    {
        var running = new Running(turn.VisitorId, CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token));
        var first = _running.GetOrAdd(turn.TurnId, running);
        if (!ReferenceEquals(first, running))
        {
            running.Cancellation.Dispose();
            return first.Ended.Task;
        }
        lock (_lanes)
        {
            var before = _lanes.GetValueOrDefault(turn.VisitorId, Task.CompletedTask);
            var lane = before.ContinueWith(_ => RunAsync(turn, running), TaskScheduler.Default).Unwrap();
            _lanes[turn.VisitorId] = lane;
            _ = lane.ContinueWith(_ => _lanes.TryRemove(KeyValuePair.Create(turn.VisitorId, lane)), TaskScheduler.Default);
            return lane;
        }
    }

    private void Cancel(Guid visitorId)
    {
        foreach (var running in _running.Values.Where(r => r.VisitorId == visitorId))
        {
            running.HandedOver = true;
            running.Cancellation.Cancel();
        }
    }

    private async Task RunAsync(PendingTurn turn, Running running)
    {
        try
        {
            _feed.BeginTurn(turn.WorkspaceId, turn.VisitorId, turn.TurnId);
            var progress = new AnswerProgress(turn, _feed);
            TurnOutcome? outcome = null;
            await using (var renewal = _time.CreateTimer(_ => _ = RenewAsync(turn), null, RenewEvery, RenewEvery))
            {
                await foreach (var update in _pipeline.RunAsync(turn.Input, running.Cancellation.Token))
                {
                    outcome = progress.Tell(update) ?? outcome;
                }
            }
            if (outcome is not null)
            {
                await _store.RunAsync(turn, outcome, progress.Notice, CancellationToken.None);
            }
        }
        catch (OperationCanceledException) when (running.HandedOver)
        {
            await _store.AbandonAsync(turn.WorkspaceId, turn.TurnId, CancellationToken.None);
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            // The watch brings it to its end on the next host.
        }
        catch (Exception e)
        {
            LogFailed(turn.TurnId, e.GetType().Name, e.StackTrace);
        }
        finally
        {
            _running.TryRemove(turn.TurnId, out _);
            _feed.EndTurn(turn.WorkspaceId, turn.VisitorId, turn.TurnId);
            running.Cancellation.Dispose();
            running.Ended.TrySetResult();
        }
    }

    private async Task RenewAsync(PendingTurn turn)
    {
        try
        {
            await _door.BatchAsync(
                turn.WorkspaceId,
                Actor.Assistant,
                batch => AnswerWatch.Renew(batch, turn.TurnId),
                CancellationToken.None
            );
        }
        catch (Npgsql.NpgsqlException e)
        {
            LogNotRenewed(turn.TurnId, e.SqlState ?? "connection");
        }
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Lets running answers finish for a moment; the rest is taken up by their watches.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await Task.WhenAny(Task.WhenAll(_lanes.Values), Task.Delay(TimeSpan.FromSeconds(5), _time, cancellationToken));
        await _stopping.CancelAsync();
    }

    public void Dispose()
    {
        _subscription.Dispose();
        _stopping.Dispose();
    }

    private sealed class Running(Guid visitorId, CancellationTokenSource cancellation)
    {
        public Guid VisitorId => visitorId;
        public CancellationTokenSource Cancellation => cancellation;
        public TaskCompletionSource Ended { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
        public bool HandedOver { get; set; }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Turn {TurnId} failed with {Error}; its watch will run it again\n{Stack}")]
    private partial void LogFailed(Guid turnId, string error, string? stack);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The watch over turn {TurnId} could not be renewed ({State})")]
    private partial void LogNotRenewed(Guid turnId, string state);
}
