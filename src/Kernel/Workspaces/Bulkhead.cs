namespace Tenet.Kernel.Workspaces;

/// <summary>Lets so many pieces of work run at once, in the order in which they came; the others wait.</summary>
public sealed class Bulkhead(int atOnce)
{
    private readonly SemaphoreSlim _free = new(atOnce);

    public async Task<T> RunAsync<T>(Func<Task<T>> work, CancellationToken ct)
    {
        await _free.WaitAsync(ct);
        try
        {
            return await work();
        }
        finally
        {
            _free.Release();
        }
    }
}
