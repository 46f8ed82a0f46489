using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Tenet.Kernel.Http;
using Tenet.Kernel.Policies;

namespace Tenet.Kernel.Telemetry;

internal static class TelemetryModule
{
    /// <param name="isServing">Off for commands that only look: they write no files and send nothing.</param>
    public static IServiceCollection AddTelemetry(this IServiceCollection services, TelemetryOptions options, bool isServing)
    {
        services.AddSingleton(options);
        services.AddLogging();
        services.Replace(
            ServiceDescriptor.Singleton<ILoggerFactory>(provider => new RedactingLoggerFactory(
                ActivatorUtilities.CreateInstance<LoggerFactory>(provider)
            ))
        );
        if (!isServing)
        {
            return services;
        }
        if (options.LogFolder is not null)
        {
            services.AddSingleton<ILoggerProvider, LogFiles>();
        }
        if (options.ErrorDsn is not null)
        {
            services.AddSingleton(provider => new ErrorReports(
                options,
                provider.GetRequiredService<Egress>(),
                provider.GetRequiredService<TimeProvider>(),
                // Asked for when a report leaves: what reads the policies logs itself.
                ct => provider.GetRequiredService<PolicySettings>().NeverReportedAsync(ct)
            ));
            services.AddSingleton<ILoggerProvider>(provider => provider.GetRequiredService<ErrorReports>());
            services.AddHostedService(provider => provider.GetRequiredService<ErrorReports>());
        }
        if (options.OtlpEndpoint is not null)
        {
            services.AddSingleton<OtlpExport>().AddHostedService(provider => provider.GetRequiredService<OtlpExport>());
            services.AddHostedService<QueueGauges>();
        }
        return services;
    }
}
