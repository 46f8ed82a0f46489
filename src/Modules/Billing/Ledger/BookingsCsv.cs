using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Tenet.Kernel.Http;
using Tenet.Kernel.Workspaces;

namespace Tenet.Billing.Ledger;

/// <summary>The book of a year as a file for a spreadsheet: numbers, times, words from our own lists and ids.</summary>
internal static class BookingsCsv
{
    public static void MapBookings(this IEndpointRouteBuilder app) =>
        app.MapGroup("/credits").InWorkspace(Access.Admin).ForPeopleOnly().ExcludeFromDescription().MapGet("/bookings.csv", DownloadAsync);

    private static async Task<FileContentHttpResult> DownloadAsync(WorkspaceContext ctx, CancellationToken ct)
    {
        var rows = await ctx.ListAsync(
            $"""
            select t.number, t.at, t.kind, t.subject_id, e.account, e.amount, e.balance
              from billing.transaction t join billing.entry e on e.number = t.number
             where t.at > {ctx.Now.AddYears(-1)} order by t.number desc, e.account limit 500000
            """,
            row =>
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{row.GetInt64(0)},{row.GetFieldValue<DateTimeOffset>(1):yyyy-MM-ddTHH:mm:ssZ},{row.GetString(2)},{row.GetGuid(3)},{row.GetString(4)},{new Credits(row.GetInt64(5)).Amount},{new Credits(row.GetInt64(6)).Amount}"
                ),
            ct
        );
        return TypedResults.File(
            Encoding.UTF8.GetBytes("number,at,kind,subject,account,credits,balance\n" + string.Join('\n', rows) + "\n"),
            "text/csv; charset=utf-8",
            "credits.csv"
        );
    }
}
