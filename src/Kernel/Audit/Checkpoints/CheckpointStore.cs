namespace Tenet.Kernel.Audit.Checkpoints;

/// <summary>
/// Where checkpoints lie outside the database, out of reach of who can change it. What was put there once is never changed.
/// </summary>
public abstract class CheckpointStore
{
    /// <summary>What a person calls the place.</summary>
    public abstract string Description { get; }

    /// <summary>The newest one of a workspace; null when there is none.</summary>
    public abstract Task<string?> LatestAsync(Guid workspaceId, CancellationToken ct);

    /// <summary>All of a workspace, in no particular order.</summary>
    public abstract IAsyncEnumerable<string> ListAsync(Guid workspaceId, CancellationToken ct);

    /// <summary>Adds one, and makes it the newest.</summary>
    /// <returns>Null when it was added; else what lies there for that size already, which stays as it is.</returns>
    public abstract Task<string?> AddAsync(Guid workspaceId, long size, string note, CancellationToken ct);
}

/// <summary>The place of the checkpoints cannot be reached or used now. The message says what to look at.</summary>
public sealed class CheckpointStoreException(string message, Exception? inner = null) : InvalidOperationException(message, inner);
