using System.Collections.Concurrent;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using Tenet.Assistant;
using Tenet.Kernel;
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
/// its watch takes up: at once when this host stops, after a while when it was killed. See <see cref="AnswerWatch"/>.
/// </summary>
internal sealed partial class AnswerTurn : IHostedService, IDisposable
{
    private static readonly TimeSpan RenewEvery = TimeSpan.FromSeconds(8);
    private const int MostTries = 4;
    private static readonly TimeSpan ToFinish = TimeSpan.FromSeconds(5);

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
    private readonly ITimer _renewal;

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
        _renewal = time.CreateTimer(_ => _ = RenewAsync(), null, RenewEvery, RenewEvery);
    }

    public void Start(PendingTurn turn) => _ = RunInLaneAsync(turn);

    /// <summary>Runs a turn to its end, or waits for it where it runs or waits for its visitor's earlier ones already.</summary>
    public Task RunInLaneAsync(PendingTurn turn)
    {
        var running = new Running(turn, _time.GetTimestamp(), CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token));
        var first = _running.GetOrAdd(turn.TurnId, running);
        if (!ReferenceEquals(first, running))
        {
            running.Cancellation.Dispose();
            return first.Ended;
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
        foreach (var running in _running.Values.Where(r => r.Turn.VisitorId == visitorId))
        {
            running.HandOver();
        }
    }

    private async Task RunAsync(PendingTurn turn, Running running)
    {
        try
        {
            _feed.BeginTurn(turn.WorkspaceId, turn.VisitorId, turn.TurnId);
            var progress = new AnswerProgress(turn, _feed);
            TurnOutcome? outcome = null;
            await foreach (var update in _pipeline.RunAsync(turn.Input, running.Cancellation.Token))
            {
                outcome = progress.Tell(update) ?? outcome;
            }
            if (outcome is not null)
            {
                await StoreAsync(turn, outcome, progress.Notice);
            }
        }
        catch (OperationCanceledException) when (running.HandedOver)
        {
            await _store.AbandonAsync(turn.WorkspaceId, turn.TurnId, CancellationToken.None);
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            // The watch brings it to its end on another host.
        }
        catch (Exception e)
        {
            LogFailed(turn.TurnId, e.GetType().Name, e.StackTrace);
            running.IsLost = true;
        }
        finally
        {
            _running.TryRemove(turn.TurnId, out _);
            _feed.EndTurn(turn.WorkspaceId, turn.VisitorId, turn.TurnId);
            running.End();
            if (running.IsLost)
            {
                _ = MoveAsync([turn], AnswerWatch.Hasten);
            }
        }
    }

    /// <summary>A connection that broke is no reason to ask a model again.</summary>
    private async Task StoreAsync(PendingTurn turn, TurnOutcome outcome, TurnNotice? notice)
    {
        for (var tries = 1; ; tries++)
        {
            try
            {
                await _store.RunAsync(turn, outcome, notice, CancellationToken.None);
                return;
            }
            catch (NpgsqlException e) when (e.SqlState is not PostgresErrorCodes.UniqueViolation && tries < MostTries)
            {
                await Task.Delay(Secrets.Jitter(TimeSpan.FromSeconds(tries)), _time);
            }
        }
    }

    private Task RenewAsync() =>
        MoveAsync([.. _running.Values.Where(r => _time.GetElapsedTime(r.Since) > RenewEvery / 2).Select(r => r.Turn)], AnswerWatch.Renew);

    /// <summary>Moves the watches over turns; what cannot be moved now comes due as it stands.</summary>
    private async Task MoveAsync(IReadOnlyCollection<PendingTurn> turns, Action<SqlBatch, Guid[]> move)
    {
        foreach (var of in turns.GroupBy(turn => turn.WorkspaceId, turn => turn.TurnId))
        {
            try
            {
                await _door.BatchAsync(of.Key, Actor.Assistant, batch => move(batch, [.. of]), CancellationToken.None);
            }
            catch (Exception e)
            {
                LogNotMoved(of.Count(), (e as NpgsqlException)?.SqlState ?? e.GetType().Name);
            }
        }
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Lets running answers finish for a moment, and hands the rest to the other hosts.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await Task.WhenAny(Task.WhenAll(_lanes.Values), Task.Delay(ToFinish, _time, cancellationToken));
        var left = _running.Values.ToList();
        await _stopping.CancelAsync();
        // An answer that is being stored is not cut off.
        await Task.WhenAny(Task.WhenAll(left.Select(running => running.Ended)), Task.Delay(ToFinish, _time, cancellationToken));
        await MoveAsync([.. left.Select(running => running.Turn)], AnswerWatch.Hasten);
    }

    public void Dispose()
    {
        _renewal.Dispose();
        _subscription.Dispose();
        _stopping.Dispose();
    }

    private sealed class Running(PendingTurn turn, long since, CancellationTokenSource cancellation)
    {
        private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public PendingTurn Turn => turn;

        /// <summary>A <see cref="TimeProvider.GetTimestamp"/>.</summary>
        public long Since => since;
        public CancellationTokenSource Cancellation => cancellation;
        public Task Ended => _ended.Task;
        public bool HandedOver { get; private set; }

        /// <summary>It broke off here for a reason that may pass.</summary>
        public bool IsLost { get; set; }

        public void HandOver()
        {
            lock (_ended)
            {
                if (!Ended.IsCompleted)
                {
                    HandedOver = true;
                    cancellation.Cancel();
                }
            }
        }

        public void End()
        {
            lock (_ended)
            {
                cancellation.Dispose();
                _ended.TrySetResult();
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Turn {TurnId} failed with {Error}; its watch will run it again\n{Stack}")]
    private partial void LogFailed(Guid turnId, string error, string? stack);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The watches over {Count} turns could not be moved ({State})")]
    private partial void LogNotMoved(int count, string state);
}
