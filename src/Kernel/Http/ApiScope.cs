using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Tenet.Kernel.Http;

/// <summary>
/// Which scope of an API key reaches an endpoint: <c>members:read</c>. The endpoints say it themselves, and the scopes that a key can be given
/// are found among them. Without a scope, no key reaches an endpoint, whatever its role.
/// </summary>
/// <param name="Name">The area and what may be done there; null for endpoints of people only.</param>
public sealed record ApiScope(string? Name);

public static class ApiScopes
{
    public static T WithScope<T>(this T endpoints, string scope)
        where T : IEndpointConventionBuilder => endpoints.WithMetadata(new ApiScope(scope));

    /// <summary>For signed-in people: what keys have no business with, such as making other keys.</summary>
    public static T ForPeopleOnly<T>(this T endpoints)
        where T : IEndpointConventionBuilder => endpoints.WithMetadata(new ApiScope(null));

    /// <summary>Every scope that an endpoint of this program asks for, in the order of the alphabet.</summary>
    public static IReadOnlyList<string> Of(EndpointDataSource endpoints) =>
        [
            .. endpoints
                .Endpoints.Select(endpoint => endpoint.Metadata.GetMetadata<ApiScope>()?.Name)
                .OfType<string>()
                .Distinct(StringComparer.Ordinal)
                .Order(StringComparer.Ordinal),
        ];
}
