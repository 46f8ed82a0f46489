namespace Tenet.Kernel.Jobs;

/// <summary>How this node works on the queue. The defaults suit a small machine.</summary>
public sealed record JobOptions
{
    /// <summary>How many handlers run at once on this node.</summary>
    public int Parallelism { get; init; } = 16;

    /// <summary>How long a claim lasts without a sign of life; a killed node's jobs come back after it.</summary>
    public TimeSpan Lease { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How often this node looks for jobs that came due, or that other nodes left.</summary>
    public TimeSpan Poll { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>What a stopping node gives running jobs to end, before it interrupts them and hands them back.</summary>
    public TimeSpan Drain { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>How many quick jobs are claimed ahead of the handlers at most.</summary>
    public int Ahead { get; init; } = 2000;
}
