using System.Collections.Concurrent;

namespace Tenet.Assistant;

/// <summary>
/// Tokens per workspace and day (UTC), counted in memory and read again from the store every half minute, so that several nodes
/// share one budget without a query per turn. Turns that run at the same moment may overshoot it by themselves.
/// </summary>
internal sealed class TokenBudget(Func<Guid, DateOnly, CancellationToken, Task<long>> load, TimeProvider time)
{
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(30);
    private readonly ConcurrentDictionary<Guid, Day> days = new();

    public async ValueTask<bool> IsLeftAsync(AssistantProfile profile, Guid workspaceId, CancellationToken ct)
    {
        if (profile.DailyTokens is not { } limit)
            return true;
        var now = time.GetUtcNow();
        var today = DateOnly.FromDateTime(now.UtcDateTime);
        if (!days.TryGetValue(workspaceId, out var day) || day.Date != today || now - day.ReadAt > Fresh)
            days[workspaceId] = day = new Day(today, now, await load(workspaceId, today, ct));
        return day.Used < limit;
    }

    /// <summary>Counts at once what the store will know in a moment.</summary>
    public void Add(Guid workspaceId, int tokens)
    {
        if (days.TryGetValue(workspaceId, out var day))
            Interlocked.Add(ref day.Used, tokens);
    }

    private sealed class Day(DateOnly date, DateTimeOffset readAt, long used)
    {
        public long Used = used;

        public DateOnly Date => date;

        public DateTimeOffset ReadAt => readAt;
    }
}
