using System.Reflection;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using Tenet.Kernel.Http;
using Tenet.Kernel.Http.Tags;

namespace Tenet.Api;

/// <summary>Says of each operation what its endpoint's declarations mean for a caller.</summary>
internal static class ApiOperations
{
    public const string Key = "apiKey";
    public const string Visitor = "visitor";

    public static Task DescribeAsync(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken ct)
    {
        var metadata = context.Description.ActionDescriptor.EndpointMetadata;
        var policies = metadata.OfType<IAuthorizeData>().Select(data => data.Policy).OfType<string>().ToList();
        var scope = metadata.OfType<ApiScope>().LastOrDefault()?.Name;
        operation.Description = string.Join(
            " ",
            policies
                .Where(policy => policy is not Access.Visitor and not Access.StepUp)
                .TakeLast(1)
                .Select(role => $"Role: {role}.")
                .Concat(scope is null ? [] : [$"Scope of an API key: {scope}."])
                .Concat(policies.Contains(Access.StepUp, StringComparer.Ordinal) ? ["Asks for a fresh proof of who calls."] : [])
        );
        Secure(operation, context.Document, policies, scope);
        operation.Parameters ??= [];
        if (context.Description.HttpMethod is "POST" && WorkspaceEndpoints.TakesIdempotencyKeys(metadata))
        {
            operation.Parameters.Add(
                Header("Idempotency-Key", required: false, "A key of the request's own: sent again with it, it acts once.")
            );
        }
        if (metadata.OfType<MethodInfo>().Any(method => Array.Exists(method.GetParameters(), p => p.ParameterType == typeof(IfMatch))))
        {
            operation.Parameters.Add(Header("If-Match", required: true, "The ETag of what was read, or *."));
            Add(operation, "412", "It was changed since it was read.");
            Add(operation, "428", "If-Match is missing.");
        }
        if (context.Description.HttpMethod is not "GET")
        {
            Add(operation, "409", "It does not fit the state things are in, or the same request still runs.");
            Add(operation, "422", "A rule was broken; each field is named.");
        }
        Add(operation, "429", "A limit is used up. Retry-After says when to come back.");
        Add(operation, "503", "The database is away. Nothing was changed. Retry-After says when to come back.");
        return Task.CompletedTask;
    }

    private static void Secure(OpenApiOperation operation, OpenApiDocument? document, List<string> policies, string? scope)
    {
        if (policies.Count == 0)
        {
            return;
        }
        Add(operation, "401", "Nobody is signed in.");
        Add(operation, "403", "The role or the key does not reach this.");
        var scheme =
            policies.Contains(Access.Visitor, StringComparer.Ordinal) ? Visitor
            : scope is null ? null
            : Key;
        if (scheme is not null)
        {
            operation.Security = [new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(scheme, document)] = [] }];
        }
    }

    private static OpenApiParameter Header(string name, bool required, string description) =>
        new()
        {
            Name = name,
            In = ParameterLocation.Header,
            Required = required,
            Description = description,
            Schema = new OpenApiSchema { Type = JsonSchemaType.String },
        };

    private static void Add(OpenApiOperation operation, string status, string description)
    {
        operation.Responses ??= [];
        operation.Responses.TryAdd(status, new OpenApiResponse { Description = description });
    }
}
