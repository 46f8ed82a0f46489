using System.Reflection;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Endpoints;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.StaticAssets;
using Tenet.Kernel.Http;

namespace Tenet.Tests.Guards;

/// <summary>Who may call each endpoint of a running host, as its metadata says.</summary>
internal static class EndpointGuard
{
    /// <summary>Endpoints that say nothing: forgotten, so nobody decided who may call them.</summary>
    public static IReadOnlyList<string> Undecided(IEnumerable<Endpoint> endpoints) =>
        [.. endpoints.Where(endpoint => !IsAnonymous(endpoint) && !IsAuthorized(endpoint)).Select(Name).Distinct(StringComparer.Ordinal)];

    /// <summary>Endpoints that let everybody in, to be compared with the reviewed list.</summary>
    public static IReadOnlyList<string> Anonymous(IEnumerable<Endpoint> endpoints) =>
        [.. endpoints.Where(IsAnonymous).Select(Name).Distinct(StringComparer.Ordinal)];

    /// <summary>Endpoints of the API that do not say which scope of a key reaches them, or that none does.</summary>
    public static IReadOnlyList<string> WithoutScope(IEnumerable<Endpoint> endpoints) =>
        [
            .. endpoints
                .Where(endpoint =>
                    Name(endpoint).Contains(" /api/", StringComparison.Ordinal)
                    && !IsAnonymous(endpoint)
                    && !endpoint.Metadata.GetOrderedMetadata<IAuthorizeData>().Any(data => data.Policy is Access.Visitor)
                    && endpoint.Metadata.GetMetadata<ApiScope>() is null
                )
                .Select(Name),
        ];

    /// <summary>Pages without [Authorize]: an interactive page is reached without passing its endpoint again.</summary>
    public static IReadOnlyList<string> OpenPages(IEnumerable<Type> types) =>
        [
            .. types
                .Where(type => type.IsDefined(typeof(RouteAttribute)) && !type.IsDefined(typeof(AuthorizeAttribute)))
                .SelectMany(type => type.GetCustomAttributes<RouteAttribute>())
                .Select(route => "page " + route.Template),
        ];

    public static bool IsAnonymous(Endpoint endpoint) =>
        endpoint.Metadata.GetMetadata<IAllowAnonymous>() is not null || IsStaticAsset(endpoint);

    // From a build that is not published, MapStaticAssets also serves changed files of wwwroot by a fall-back that no convention reaches.
    private static bool IsStaticAsset(Endpoint endpoint) =>
        endpoint.Metadata.GetMetadata<StaticAssetDescriptor>() is not null
        || string.Equals(endpoint.DisplayName, "Fallback {**path:file}", StringComparison.Ordinal);

    public static string Name(Endpoint endpoint)
    {
        if (IsStaticAsset(endpoint))
        {
            return "static assets";
        }
        var pattern = (endpoint as RouteEndpoint)?.RoutePattern.RawText ?? endpoint.DisplayName ?? "";
        pattern = pattern.StartsWith('/') ? pattern : "/" + pattern;
        return endpoint.Metadata.GetMetadata<ComponentTypeMetadata>() is not null ? "page " + pattern
            : endpoint.Metadata.GetMetadata<IHttpMethodMetadata>() is { HttpMethods.Count: > 0 } methods
                ? string.Join(',', methods.HttpMethods) + " " + pattern
            : "ANY " + pattern;
    }

    private static bool IsAuthorized(Endpoint endpoint) =>
        endpoint.Metadata.GetMetadata<IAuthorizeData>() is not null || endpoint.Metadata.GetMetadata<AuthorizationPolicy>() is not null;
}
