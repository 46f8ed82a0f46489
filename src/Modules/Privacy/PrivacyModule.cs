using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Tenet.Privacy.Trust;

namespace Tenet.Privacy;

public static class PrivacyModule
{
    public static IServiceCollection AddPrivacy(this IServiceCollection services, OperatorOptions options) =>
        services.AddSingleton(options).AddSingleton<TrustSheets>();

    public static void MapPrivacy(this IEndpointRouteBuilder app) { }
}
