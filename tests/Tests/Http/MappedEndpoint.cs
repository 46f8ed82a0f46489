using System.Text.Json;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Tenet.Kernel.Http;
using Tenet.Odoo.Tokens;
using Tenet.Tests.Guards;
using Tenet.Tests.Support;

namespace Tenet.Tests.Http;

/// <summary>One method of one route of a running host, found in its endpoint table.</summary>
internal sealed record MappedEndpoint(string Method, RouteEndpoint Route)
{
    public string Pattern => Route.RoutePattern.RawText!;

    public Type? BodyType =>
        Route.Metadata.GetMetadata<IAcceptsMetadata>() is { RequestType: { } type } accepts && TakesJson(accepts) ? type : null;

    public bool IsAnonymous => EndpointGuard.IsAnonymous(Route);

    public bool IsForVisitors => IsUnder(Access.Visitor);

    /// <summary>Each request takes a token of its own, signed by the customer's Odoo: callers from elsewhere are all refused alike.</summary>
    public bool IsForOdoo => IsUnder(CopilotAuthentication.Policy);

    /// <summary>The parameters of the route that are ids of something.</summary>
    public IReadOnlyList<RoutePatternParameterPart> Ids =>
        [.. Route.RoutePattern.Parameters.Where(part => part.ParameterPolicies.Any(policy => policy.Content is "guid"))];

    /// <summary>All of the modules' and the kernel's: without files, pages and what the framework maps for them.</summary>
    public static IReadOnlyList<MappedEndpoint> Of(TestHost host) =>
        [
            .. host
                .Services.GetRequiredService<EndpointDataSource>()
                .Endpoints.OfType<RouteEndpoint>()
                .Where(route =>
                    EndpointGuard.Name(route) is var name
                    && name is not "static assets"
                    && !name.StartsWith("page ", StringComparison.Ordinal)
                )
                .SelectMany(route =>
                    route.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods.Select(method => new MappedEndpoint(method, route)) ?? []
                )
                .OrderBy(endpoint => endpoint.ToString(), StringComparer.Ordinal),
        ];

    public static JsonSerializerOptions JsonOf(TestHost host) =>
        host.Services.GetRequiredService<IOptions<Microsoft.AspNetCore.Http.Json.JsonOptions>>().Value.SerializerOptions;

    public override string ToString() => $"{Method} {Pattern}";

    private bool IsUnder(string policy) =>
        Route.Metadata.GetOrderedMetadata<IAuthorizeData>().Any(data => string.Equals(data.Policy, policy, StringComparison.Ordinal));

    private static bool TakesJson(IAcceptsMetadata accepts) =>
        accepts.ContentTypes.Any(type => type.Contains("json", StringComparison.OrdinalIgnoreCase));
}
