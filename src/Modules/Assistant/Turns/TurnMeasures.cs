using System.Diagnostics;
using System.Runtime.CompilerServices;
using Tenet.Kernel.Telemetry;

namespace Tenet.Assistant;

/// <summary>Counts and times turns. Labels are the provider's id and the final state, never who asked or what.</summary>
internal static class TurnMeasures
{
    public static async IAsyncEnumerable<TurnUpdate> MeasureAsync(
        this IAsyncEnumerable<TurnUpdate> updates,
        TurnInput input,
        TimeProvider time,
        [EnumeratorCancellation] CancellationToken ct
    )
    {
        var started = time.GetTimestamp();
        TimeSpan? first = null;
        using var span = Signals.Begin("turn");
        span?.SetTag("tenet.workspace", input.WorkspaceId).SetTag("tenet.subject", input.TurnId);
        await using var running = updates.GetAsyncEnumerator(ct);
        while (true)
        {
            // Each step of the enumeration starts in the reader's context.
            if (span is not null)
            {
                Activity.Current = span;
            }
            if (!await running.MoveNextAsync())
            {
                yield break;
            }
            if (running.Current is TurnDelta)
            {
                first ??= time.GetElapsedTime(started);
            }
            if (running.Current is TurnCompleted { Outcome: var outcome })
            {
                Tell(outcome, first, time.GetElapsedTime(started), span);
            }
            yield return running.Current;
        }
    }

    private static void Tell(TurnOutcome outcome, TimeSpan? first, TimeSpan total, Activity? span)
    {
        var provider = new KeyValuePair<string, object?>("provider", outcome.Receipt.Provider);
        var state = new KeyValuePair<string, object?>("outcome", outcome.State.ToString());
        Signals.Turns.Add(1, provider, state);
        Signals.TurnDuration.Record(total.TotalSeconds, provider, state);
        if (first is { } text)
        {
            Signals.FirstText.Record(text.TotalSeconds, provider);
        }
        span?.SetTag(provider.Key, provider.Value).SetTag(state.Key, state.Value);
    }
}
