using Tenet.Kernel.Workspaces;

namespace Tenet.Assistant;

/// <param name="Today">Tokens in and out since midnight UTC.</param>
/// <param name="Limit">Per day; null for none.</param>
/// <param name="Days">The last 30 days that had turns, oldest first.</param>
/// <param name="Turns">How the turns of conversations in these days ended, by state.</param>
/// <param name="Helpful">Thumbs up of these days.</param>
/// <param name="NotHelpful">Thumbs down of these days.</param>
internal sealed record UsageReport(
    long Today,
    long? Limit,
    IReadOnlyList<UsageDay> Days,
    IReadOnlyDictionary<string, int> Turns,
    int Helpful,
    int NotHelpful
)
{
    public static async Task<UsageReport> ReadAsync(WorkspaceContext ctx, CancellationToken ct)
    {
        var today = DateOnly.FromDateTime(ctx.Now.UtcDateTime);
        var days = await ctx.ListAsync(
            $"""
            select day, sum(tokens_in)::bigint, sum(tokens_out)::bigint, sum(turns)::int
              from assistant.usage where day > {today.AddDays(-30)}
             group by day order by day
            """,
            row => new UsageDay
            {
                Day = row.GetFieldValue<DateOnly>(0),
                TokensIn = row.GetInt64(1),
                TokensOut = row.GetInt64(2),
                Turns = row.GetInt32(3),
            },
            ct
        );
        var states = await ctx.ListAsync(
            $"""
            select state, count(*)::int, count(*) filter (where helpful)::int, count(*) filter (where not helpful)::int
              from assistant.turn
             where origin = 'conversation' and state <> 'running' and started_at > {ctx.Now.AddDays(-30)}
             group by state order by state
            """,
            row => (State: row.GetString(0), Count: row.GetInt32(1), Up: row.GetInt32(2), Down: row.GetInt32(3)),
            ct
        );
        var settings = await SettingsStore.LoadAsync(ctx, ct);
        var used = days.Where(d => d.Day == today).Sum(d => d.TokensIn + d.TokensOut);
        var turns = states.ToDictionary(s => s.State, s => s.Count, StringComparer.Ordinal);
        return new UsageReport(used, settings.DailyTokens, days, turns, states.Sum(s => s.Up), states.Sum(s => s.Down));
    }

    public static async Task<long> TokensOfAsync(WorkspaceContext ctx, DateOnly day, CancellationToken ct) =>
        await ctx.ScalarAsync<long>($"select coalesce(sum(tokens_in + tokens_out), 0)::bigint from assistant.usage where day = {day}", ct);
}
