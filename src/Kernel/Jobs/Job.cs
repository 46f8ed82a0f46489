using Tenet.Kernel.DataMaps;

namespace Tenet.Kernel.Jobs;

/// <summary>One piece of durable work. Holds ids, never content.</summary>
[Record("kernel.job", Purpose.Operations, Keep = "kernel.jobs")]
internal sealed record Job
{
    [Operational]
    public required Guid Id { get; init; }

    [Operational]
    public required string Kind { get; init; }

    [Operational]
    public required Guid SubjectId { get; init; }

    [Operational]
    public string? UniqueKey { get; init; }

    [Operational]
    public DateTimeOffset RunAt { get; init; }

    [Operational]
    public int Attempt { get; init; }

    [Operational]
    public Guid? ClaimedBy { get; init; }

    /// <summary>Until then the job is the claiming node's alone.</summary>
    [Operational]
    public DateTimeOffset? LeaseUntil { get; init; }

    /// <summary>Asked for again while it ran: it runs once more.</summary>
    [Operational]
    public bool Rerun { get; init; }

    [Operational]
    public DateTimeOffset? DeadAt { get; init; }

    /// <summary>The exception's type, never its message.</summary>
    [Operational]
    public string? LastError { get; init; }

    [Operational]
    public DateTimeOffset CreatedAt { get; init; }
}

[Record("kernel.schedule", Purpose.Operations, Keep = "kernel.jobs")]
internal sealed record Schedule
{
    [Operational]
    public required string Kind { get; init; }

    [Operational]
    public required Guid SubjectId { get; init; }

    [Operational]
    public required TimeSpan Every { get; init; }

    [Operational]
    public DateTimeOffset NextAt { get; init; }
}

/// <summary>What a job is told when it runs.</summary>
public sealed record JobRun(Guid WorkspaceId, Guid JobId, Guid SubjectId, int Attempt);

/// <summary>
/// The code of a kind of job. Runs outside any transaction, at least once: it must be safe to run again.
/// Throwing means to try again later; after <see cref="JobKind.MaxAttempts"/> tries the job is put aside as dead.
/// </summary>
public interface IJob
{
    Task RunAsync(JobRun job, CancellationToken ct);

    /// <summary>
    /// It was tried often enough and is put aside: the place to say so where people look for what it should have done. May run again.
    /// </summary>
    Task GiveUpAsync(JobRun job, CancellationToken ct) => Task.CompletedTask;
}

/// <summary>A kind of job that a module declares. The lease is renewed while the job runs.</summary>
public sealed record JobKind(string Name, Type Handler)
{
    public int MaxAttempts { get; init; } = 8;

    /// <summary>What it does, in the words of the console: <c>Read a website</c>.</summary>
    public string? Title { get; init; }
}
