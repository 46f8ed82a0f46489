using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Npgsql;
using Tenet.Kernel.Http.Limits;
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

    /// <summary>Ready when the database answers under the directory's role.</summary>
    private static async Task<Results<ContentHttpResult, ProblemHttpResult>> ReadyAsync(SystemScope system, CancellationToken ct)
    {
        try
        {
            await system.RunAsync(s => s.ScalarAsync<int>($"select 1", ct), ct);
            return TypedResults.Text("ready");
        }
        catch (Exception e) when (e is NpgsqlException or TimeoutException)
        {
            return TypedResults.Problem("The database does not answer. See the log and `tenet --help`.", statusCode: 503);
        }
    }
}
