using System.Reflection;
using Microsoft.AspNetCore.Components.Endpoints;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Tenet.Kernel.Http.Limits;
using Tenet.Kernel.Http.Once;
using Tenet.Kernel.Workspaces;

namespace Tenet.Tests.Guards;

/// <summary>What every endpoint of a running host must say about limits and about requests that are sent twice.</summary>
internal static class HttpGuard
{
    /// <summary>Endpoints in no group of limits.</summary>
    public static IReadOnlyList<string> Unlimited(IEnumerable<Endpoint> endpoints) =>
        [
            .. endpoints
                .Where(endpoint => endpoint.Metadata.GetMetadata<RateLimited>() is null)
                .Select(EndpointGuard.Name)
                // What the framework maps beside our conventions counts as open.
                .Where(name => name is not "static assets")
                .Distinct(StringComparer.Ordinal),
        ];

    /// <summary>POSTs that take no key, to be compared with the reviewed list.</summary>
    public static IReadOnlyList<string> WithoutKeys(IEnumerable<Endpoint> endpoints) =>
        [
            .. Posts(endpoints)
                .Where(endpoint => endpoint.Metadata.GetMetadata<TakesKeys>() is null)
                .Select(EndpointGuard.Name)
                .Distinct(StringComparer.Ordinal),
        ];

    /// <summary>POSTs that take a key, whose work is not in the transaction of their answer, and that do not say why they may run again.</summary>
    public static IReadOnlyList<string> Unexplained(IEnumerable<Endpoint> endpoints) =>
        [
            .. Posts(endpoints)
                .Where(endpoint =>
                    endpoint.Metadata.GetMetadata<TakesKeys>() is not null
                    && endpoint.Metadata.GetMetadata<RunsAgain>() is not { Because.Length: > 0 }
                    && endpoint
                        .Metadata.GetMetadata<MethodInfo>()
                        ?.GetParameters()
                        .Any(parameter => parameter.ParameterType == typeof(WorkspaceContext)) != true
                )
                .Select(EndpointGuard.Name),
        ];

    private static IEnumerable<RouteEndpoint> Posts(IEnumerable<Endpoint> endpoints) =>
        endpoints
            .OfType<RouteEndpoint>()
            // A page takes POSTs for its forms, of which there are none: forms go to endpoints.
            .Where(endpoint =>
                endpoint.Metadata.GetMetadata<ComponentTypeMetadata>() is null
                && endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods.Contains(HttpMethods.Post) == true
            );
}
