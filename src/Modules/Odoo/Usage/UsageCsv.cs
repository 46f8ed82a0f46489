using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Tenet.Billing;
using Tenet.Kernel.Http;
using Tenet.Kernel.Workspaces;

namespace Tenet.Odoo.Usage;

/// <summary>A year of use as a file for a spreadsheet, a line per day, user's number, provider and model: numbers and words from our own lists.</summary>
internal static class UsageCsv
{
    public static void MapUsage(this IEndpointRouteBuilder app) =>
        app.MapGroup("/odoo").InWorkspace(Access.Admin).ForPeopleOnly().ExcludeFromDescription().MapGet("/usage.csv", DownloadAsync);

    private static async Task<FileContentHttpResult> DownloadAsync(WorkspaceContext ctx, CancellationToken ct)
    {
        var rows = await ctx.ListAsync(
            $"""
            select (started_at at time zone 'UTC')::date as day, uid, coalesce(provider, ''), coalesce(model, ''), count(*), count(*) filter (where state in ('answered', 'waiting')),
                   count(*) filter (where id in ({TurnCredits.SpentFor})), coalesce(sum(tokens_in), 0)::bigint, coalesce(sum(tokens_out), 0)::bigint
              from odoo.turn where started_at > {ctx.Now.AddYears(-1)} group by 1, 2, 3, 4 order by 1 desc, 2, 3, 4 limit 500000
            """,
            row =>
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{row.GetFieldValue<DateOnly>(0):yyyy-MM-dd},{row.GetInt32(1)},{row.GetString(2)},{row.GetString(3)},{row.GetInt64(4)},{row.GetInt64(5)},{row.GetInt64(6)},{row.GetInt64(7)},{row.GetInt64(8)}"
                ),
            ct
        );
        return TypedResults.File(
            Encoding.UTF8.GetBytes(
                "day,user,provider,model,turns,answered,charged,tokens_in,tokens_out\n" + string.Join('\n', rows) + "\n"
            ),
            "text/csv; charset=utf-8",
            "copilot-usage.csv"
        );
    }
}
