using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http.Timeouts;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.Extensions.DependencyInjection;

namespace Tenet.Kernel.Http.Arrival;

/// <summary>What happens to every request before anything looks at what it asks.</summary>
internal static class Arrivals
{
    /// <summary>A handler that works longer is told to stop; streams and the console's connection say that they last.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(60);

    public static void AddArrivals(this IServiceCollection services, ArrivalOptions options)
    {
        services.AddSingleton(options);
        services.AddRequestTimeouts(timeouts =>
            timeouts.DefaultPolicy = new RequestTimeoutPolicy
            {
                Timeout = Longest,
                TimeoutStatusCode = 503,
                WriteTimeoutResponse = http =>
                {
                    http.Response.Headers.RetryAfter = "30";
                    return Microsoft
                        .AspNetCore.Http.TypedResults.Problem("This took too long and was stopped. Try again in a while.", statusCode: 503)
                        .ExecuteAsync(http);
                },
            }
        );
        services.Configure<ForwardedHeadersOptions>(forwarded =>
        {
            forwarded.ForwardedHeaders =
                ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto | ForwardedHeaders.XForwardedHost;
            forwarded.ForwardLimit = null;
            forwarded.KnownProxies.Clear();
            forwarded.KnownIPNetworks.Clear();
            foreach (var network in options.Networks())
            {
                forwarded.KnownIPNetworks.Add(network);
            }
        });
    }

    /// <summary>1. who calls, by trusted proxies' word; 2. headers of every answer; 3. by one of our names.</summary>
    public static void UseArrivals(this IApplicationBuilder app)
    {
        // With no network to trust, the middleware would believe everybody.
        if (app.ApplicationServices.GetRequiredService<ArrivalOptions>().TrustedProxies.Count > 0)
        {
            app.UseForwardedHeaders();
        }
        app.UseMiddleware<SecurityHeaders>();
        app.UseMiddleware<HostCheck>();
    }
}
