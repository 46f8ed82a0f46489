using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Tenet.Kernel.Telemetry;

/// <summary>
/// What Tenet measures and traces. Labels are few and come from the code: kinds, outcomes, providers. Never a workspace, a person or a text.
/// Names follow OpenTelemetry's conventions; times are in seconds.
/// </summary>
public static class Signals
{
    public const string Name = "Tenet";

    private static readonly InstrumentAdvice<double> Seconds = new()
    {
        HistogramBucketBoundaries = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60],
    };

    internal static readonly ActivitySource Source = new(Name);
    internal static readonly Meter Meter = new(Name);

    /// <summary>Turns by <c>outcome</c> (the turn's final state) and <c>provider</c>.</summary>
    public static readonly Counter<long> Turns = Meter.CreateCounter<long>(
        "tenet.turns",
        "{turn}",
        "Questions answered, by how they ended"
    );

    /// <summary>From the question to the first piece of the answer's text, by <c>provider</c>.</summary>
    public static readonly Histogram<double> FirstText = Meter.CreateHistogram(
        "tenet.turn.first_text",
        "s",
        "Time until the first text of an answer",
        advice: Seconds
    );

    public static readonly Histogram<double> TurnDuration = Meter.CreateHistogram(
        "tenet.turn.duration",
        "s",
        "Time until an answer is complete",
        advice: Seconds
    );

    /// <summary>Open streams of server-sent events.</summary>
    public static readonly UpDownCounter<long> Streams = Meter.CreateUpDownCounter<long>(
        "tenet.streams.open",
        "{stream}",
        "Visitors' streams that are open now"
    );

    /// <summary>By <c>kind</c> and <c>outcome</c>: how the run ended.</summary>
    internal static readonly Histogram<double> Jobs = Meter.CreateHistogram(
        "tenet.job.duration",
        "s",
        "Jobs run, by kind and end",
        advice: Seconds
    );

    /// <summary>By <c>outcome</c>: sent, refused.</summary>
    internal static readonly Counter<long> Mails = Meter.CreateCounter<long>("tenet.mails", "{letter}", "Letters given to the relay");

    /// <summary>By <c>policy</c> and <c>outcome</c>: the status' class, or why the call failed.</summary>
    internal static readonly Histogram<double> Egress = Meter.CreateHistogram(
        "tenet.egress.duration",
        "s",
        "Outside calls, until their answer begins",
        advice: Seconds
    );

    /// <summary>By <c>outcome</c>: sent, dropped, failed.</summary>
    internal static readonly Counter<long> ErrorReports = Meter.CreateCounter<long>("tenet.error_reports", "{report}", "Reports of errors");

    internal static readonly Counter<long> LogDropped = Meter.CreateCounter<long>(
        "tenet.log.dropped",
        "{line}",
        "Lines that no log file took: the disk is full or too slow"
    );

    internal static bool IsTracing => Source.HasListeners();

    /// <summary>Begins a trace of its own for work that nobody waits for, or a part of the trace under way.</summary>
    /// <returns>Null when nobody traces.</returns>
    public static Activity? Begin(string name, ActivityKind kind = ActivityKind.Internal, bool isRoot = false)
    {
        if (!IsTracing)
        {
            return null;
        }
        if (!isRoot)
        {
            return Source.StartActivity(name, kind);
        }
        // What the framework has begun around it is not exported, and a caller from outside does not choose our trace's id.
        var around = Activity.Current;
        Activity.Current = null;
        var activity = Source.StartActivity(name, kind);
        if (activity is null)
        {
            Activity.Current = around;
        }
        return activity;
    }
}
