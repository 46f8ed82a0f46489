using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Hosting;
using Npgsql;
using Tenet.Kernel.Http.Limits;
using Tenet.Kernel.Postgres;
using Tenet.Kernel.Workspaces;

namespace Tenet.Kernel.Http;

internal static class Health
{
    public static void MapHealth(this IEndpointRouteBuilder app)
    {
        var health = app.MapGroup("/health").AllowAnonymous().LimitedBy(RateGroup.Open);
        health.MapGet("/live", () => TypedResults.Text("live"));
        health.MapGet("/ready", ReadyAsync);
    }

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>Ready when the database answers under the directory's role, soon, and takes changes, and the host has not been told to stop.</summary>
    private static async Task<Results<ContentHttpResult, ProblemHttpResult>> ReadyAsync(
        HttpContext http,
        SystemScope system,
        Databases databases,
        TimeProvider time,
        IHostApplicationLifetime lifetime,
        CancellationToken ct
    )
    {
        if (lifetime.ApplicationStopping.IsCancellationRequested)
        {
            return NotReady(http, "This host is about to stop. Another one takes over.");
        }
        try
        {
            var readOnly = await system
                .RunAsync(s => s.ScalarAsync<string>($"select current_setting('transaction_read_only')", ct), ct)
                .WaitAsync(Patience, time, ct);
            if (readOnly is not "off")
            {
                return NotReady(http, "The database takes no changes: it is read-only.");
            }
            return await databases.Room.IsFullAsync(ct).WaitAsync(Patience, time, ct)
                ? NotReady(http, "The database's disk is full. Make room on it.")
                : TypedResults.Text("ready");
        }
        catch (TimeoutException)
        {
            return NotReady(http, "The database is slow: it did not answer within five seconds.");
        }
        catch (NpgsqlException)
        {
            return NotReady(http, "The database does not answer. See the log and `tenet --help`.");
        }
    }

    private static ProblemHttpResult NotReady(HttpContext http, string why)
    {
        http.Response.Headers.RetryAfter = "5";
        return TypedResults.Problem(why, statusCode: StatusCodes.Status503ServiceUnavailable);
    }
}
