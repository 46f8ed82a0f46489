using Microsoft.Extensions.DependencyInjection;
using Tenet.Kernel;
using Tenet.Kernel.DataMaps;
using Tenet.Kernel.Http;
using Tenet.Kernel.Policies;

namespace Tenet.Privacy.Alerts;

/// <summary>Broken promises as signed events.</summary>
internal static class AlertServices
{
    /// <exception cref="InvalidOperationException">The operator's settings cannot be used; the message says what to set.</exception>
    public static IServiceCollection AddAlerts(this IServiceCollection services, OperatorOptions options)
    {
        if (options.AlertUrl is { } url)
        {
            if (
                !url.IsAbsoluteUri
                || url.Scheme != Uri.UriSchemeHttps && !(url.Scheme == Uri.UriSchemeHttp && OwnNetwork.Holds(url.IdnHost))
            )
            {
                throw new InvalidOperationException("Operator__AlertUrl must start with https://, or name a host of your own network.");
            }
            if (WebhookSecret.Parse(options.AlertSecret) is null)
            {
                throw new InvalidOperationException(
                    "Operator__AlertSecret must be whsec_ followed by 24 to 64 random bytes in base64: echo whsec_$(openssl rand -base64 32)"
                );
            }
        }
        services.AddSingleton<AlertHooks>().AddSingleton<AlertMessages>();
        services.AddJob<SendAlert>(SendAlert.Kind, SendAlert.Attempts, "Post an alert to its receiver");
        services.AddLifeClock(LifeClock.OfWorkspace(AlertHooks.Rule, "privacy.alert_hook", "privacy.alert_message"));
        return services.AddRecords(records =>
            records.Add<AlertHook>().Add<AlertMessage>().Rule(AlertHooks.Rule, "as long as the workspace is active")
        );
    }
}
