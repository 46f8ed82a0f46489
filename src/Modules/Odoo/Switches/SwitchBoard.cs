using System.Collections.Concurrent;
using Tenet.Kernel.Events;
using Tenet.Kernel.Workspaces;

namespace Tenet.Odoo.Switches;

/// <summary>The switches as this node knows them, and the answers that run on it, which a stop ends.</summary>
internal sealed class SwitchBoard : IDisposable
{
    /// <summary>Published when switches were changed.</summary>
    public const string Topic = "odoo.switches";

    /// <summary>Published when all answers of a workspace must end.</summary>
    public const string Stopped = "odoo.stopped";

    private readonly ConcurrentDictionary<Guid, CopilotSwitches> _known = new();
    private readonly ConcurrentDictionary<RunningTurn, bool> _running = new();
    private readonly WorkspaceScope _door;
    private readonly CopilotOptions _options;
    private readonly IDisposable _subscription;
    private long _changes;

    public SwitchBoard(WorkspaceScope door, EventHub events, CopilotOptions options)
    {
        (_door, _options) = (door, options);
        _subscription = events.Subscribe(Guid.Empty, Hear);
    }

    public void Dispose() => _subscription.Dispose();

    public async ValueTask<CopilotSwitches> OfAsync(Guid workspaceId, CancellationToken ct)
    {
        if (_options.Off)
        {
            return CopilotSwitches.Default.Under(_options);
        }
        if (_known.TryGetValue(workspaceId, out var known))
        {
            return known;
        }
        var before = Interlocked.Read(ref _changes);
        var read = await _door.RunAsync(workspaceId, Actor.System, ctx => CopilotSwitches.ReadAsync(ctx, ct), ct);
        // What was changed while it was read is read again the next time.
        if (before == Interlocked.Read(ref _changes))
        {
            _known[workspaceId] = read;
        }
        return read;
    }

    /// <summary>From before the switches are looked at: a stop in between ends it as well.</summary>
    public RunningTurn Enter(Guid workspaceId, CancellationToken ct)
    {
        var turn = new RunningTurn(workspaceId, Leave, ct);
        _running[turn] = true;
        return turn;
    }

    private void Leave(RunningTurn turn) => _running.TryRemove(turn, out _);

    private void Hear(WorkspaceEvent item)
    {
        if (item.Topic is WorkspaceEvent.Resync)
        {
            Interlocked.Increment(ref _changes);
            _known.Clear();
        }
        else if (item.Topic is Topic or Stopped)
        {
            Interlocked.Increment(ref _changes);
            _known.TryRemove(item.WorkspaceId, out _);
            if (item.Topic is Stopped)
            {
                foreach (var turn in _running.Keys.Where(turn => turn.WorkspaceId == item.WorkspaceId))
                {
                    turn.Stop();
                }
            }
        }
    }
}
