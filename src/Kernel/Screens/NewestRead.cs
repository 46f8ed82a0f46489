namespace Tenet.Kernel.Screens;

/// <summary>Of a page's reads that overlap the one that began last is shown: an older one that comes back after it would show what is not so any more.</summary>
public sealed class NewestRead
{
    private int _begun;

    /// <param name="show">Without a wait in between, so that the page is never drawn with half of what was read.</param>
    public async Task RunAsync<T>(Func<Task<T>> read, Action<T> show)
    {
        var mine = ++_begun;
        var result = await read();
        if (mine == _begun)
        {
            show(result);
        }
    }
}
