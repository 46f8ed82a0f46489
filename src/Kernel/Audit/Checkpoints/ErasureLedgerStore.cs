namespace Tenet.Kernel.Audit.Checkpoints;

/// <summary>Where the ledger of erasures lies outside the database: a database restored from a time before an erasure is told of it there.</summary>
public sealed class ErasureLedgerStore
{
    private readonly CheckpointStore _store;

    internal ErasureLedgerStore(CheckpointStore store) => _store = store;

    /// <summary>What a person calls the place.</summary>
    public string Description => _store.Description;

    /// <summary>Adds an entry. Adding the same again changes nothing.</summary>
    /// <param name="at">When it was asked for: entries are numbered by it, and by the next free number when two share the millisecond.</param>
    /// <exception cref="CheckpointStoreException">The place cannot be used now.</exception>
    public async Task AddAsync(Guid workspace, DateTimeOffset at, string entry, CancellationToken ct)
    {
        var number = at.ToUnixTimeMilliseconds();
        while (await _store.AddAsync(workspace, number, entry, ct) is { } present && !present.Equals(entry, StringComparison.Ordinal))
        {
            number++;
        }
    }

    public IAsyncEnumerable<string> ListAsync(Guid workspace, CancellationToken ct) => _store.ListAsync(workspace, ct);
}
