namespace Tenet.Tests.Support;

/// <summary>Waits for what happens in the background. The limit is only there to end a test that would never end.</summary>
internal static class Eventually
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    public static async Task HoldsAsync(Func<Task<bool>> condition, string what, CancellationToken ct)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(Limit);
        while (!await condition())
        {
            if (limit.IsCancellationRequested)
            {
                throw new TimeoutException($"Waited in vain until {what}.");
            }
            await Task.Delay(25, ct);
        }
    }

    public static Task HoldsAsync(Func<bool> condition, string what, CancellationToken ct) =>
        HoldsAsync(() => Task.FromResult(condition()), what, ct);
}
