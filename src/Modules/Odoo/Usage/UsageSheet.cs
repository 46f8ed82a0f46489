using Tenet.Billing;
using Tenet.Kernel.Workspaces;

namespace Tenet.Odoo.Usage;

/// <param name="Answered">Also those whose answer is a proposal.</param>
/// <param name="Charged">Turns that credits were spent for; 0 where turns are free.</param>
internal sealed record UsageRow(string Name, int Turns, int Answered, int Charged, long Tokens);

internal sealed record UsageDay(DateOnly Day, int Turns, int Charged);

/// <summary>What was used in 30 days, in numbers: by day, by the user's number in Odoo, by provider and by model.</summary>
/// <param name="Models">One without a name stands for turns from before models were counted, and for names with odd letters.</param>
internal sealed record UsageSheet(
    IReadOnlyList<UsageDay> Days,
    IReadOnlyList<UsageRow> Users,
    IReadOnlyList<UsageRow> Providers,
    IReadOnlyList<UsageRow> Models
)
{
    public const int Length = 30;

    public int Turns => Days.Sum(day => day.Turns);
    public int Charged => Days.Sum(day => day.Charged);

    public static async Task<UsageSheet> ReadAsync(WorkspaceContext ctx, CancellationToken ct)
    {
        var since = DateOnly.FromDateTime(ctx.Now.UtcDateTime).AddDays(1 - Length);
        var from = new DateTimeOffset(since, TimeOnly.MinValue, TimeSpan.Zero);
        var days = await ctx.ListAsync(
            $"""
            select (started_at at time zone 'UTC')::date, count(*)::int, count(*) filter (where id in ({TurnCredits.SpentFor}))::int
              from odoo.turn where started_at >= {from} group by 1
            """,
            row => new UsageDay(row.GetFieldValue<DateOnly>(0), row.GetInt32(1), row.GetInt32(2)),
            ct
        );
        return new UsageSheet(
            [
                .. Enumerable
                    .Range(0, Length)
                    .Select(n => days.Find(day => day.Day == since.AddDays(n)) ?? new UsageDay(since.AddDays(n), 0, 0)),
            ],
            await ByAsync(ctx, from, Sql.Constant("uid::text"), ct),
            await ByAsync(ctx, from, Sql.Constant("coalesce(provider, '')"), ct),
            await ByAsync(ctx, from, Sql.Constant("coalesce(model, '')"), ct)
        );
    }

    private static Task<List<UsageRow>> ByAsync(WorkspaceContext ctx, DateTimeOffset from, Sql what, CancellationToken ct) =>
        ctx.ListAsync(
            $"""
            select {what}, count(*)::int, count(*) filter (where state in ('answered', 'waiting'))::int,
                   count(*) filter (where id in ({TurnCredits.SpentFor}))::int, coalesce(sum(tokens_in + tokens_out), 0)::bigint
              from odoo.turn where started_at >= {from} group by 1 order by 2 desc, 1 limit 100
            """,
            row => new UsageRow(row.GetString(0), row.GetInt32(1), row.GetInt32(2), row.GetInt32(3), row.GetInt64(4)),
            ct
        );
}
