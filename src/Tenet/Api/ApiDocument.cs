using System.Text.Json.Nodes;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using Tenet.Kernel.Http.Limits;

namespace Tenet.Api;

/// <summary>The API's description as OpenAPI 3.1, at <c>/openapi/v1.json</c>. The same text lies in docs/openapi.json; a test compares them.</summary>
internal static class ApiDocument
{
    private const string Name = "v1";
    private const string About =
        "Everything a workspace's programs may do. Programs send an API key as bearer token; the console's own pages use its cookie, and the chat "
        + "on customers' websites a visitor's token. Errors are problem details (RFC 9457). Every answer says in RateLimit where its caller stands. "
        + "Lists go on after the value of `next`. What people wrote is never in an address or a log.";

    public static IServiceCollection AddApiDocument(this IServiceCollection services) =>
        services.AddOpenApi(
            Name,
            options =>
            {
                options.OpenApiVersion = OpenApiSpecVersion.OpenApi3_1;
                options.ShouldInclude = endpoint => endpoint.RelativePath?.StartsWith("api/", StringComparison.Ordinal) == true;
                options.AddOperationTransformer(ApiOperations.DescribeAsync);
                options.AddDocumentTransformer(DescribeAsync);
            }
        );

    public static void MapApiDocument(this IEndpointRouteBuilder app) =>
        app.MapOpenApi("/openapi/{documentName}.json").AllowAnonymous().LimitedBy(RateGroup.Open);

    private static Task DescribeAsync(OpenApiDocument document, OpenApiDocumentTransformerContext context, CancellationToken ct)
    {
        document.Info = new OpenApiInfo
        {
            Title = "Tenet",
            Version = "1",
            Description = About,
        };
        // The same wherever it is served.
        document.Servers = [];
        document.Components ??= new OpenApiComponents();
        document.Components.SecuritySchemes = new Dictionary<string, IOpenApiSecurityScheme>(StringComparer.Ordinal)
        {
            [ApiOperations.Key] = Bearer("An API key, made by a member in the console."),
            [ApiOperations.Visitor] = Bearer("A visitor's token, from POST /api/widget/{key}/sessions."),
        };
        var paths = new OpenApiPaths();
        foreach (var (path, item) in document.Paths.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            paths.Add(path, item);
            foreach (var (_, operation) in item.Operations ?? [])
            {
                AddExamples(operation);
            }
        }
        document.Paths = paths;
        return Task.CompletedTask;
    }

    private static OpenApiSecurityScheme Bearer(string description) =>
        new()
        {
            Type = SecuritySchemeType.Http,
            Scheme = "bearer",
            Description = description,
        };

    private static void AddExamples(OpenApiOperation operation)
    {
        Fill(operation.RequestBody?.Content);
        foreach (var (_, response) in operation.Responses ?? [])
        {
            Fill(response.Content);
        }
    }

    private static void Fill(IDictionary<string, OpenApiMediaType>? contents)
    {
        if (
            contents?.TryGetValue("application/json", out var content) is true
            && content is { Example: null, Schema: { } schema }
            && ApiExamples.Of(schema) is JsonNode example
        )
        {
            content.Example = example;
        }
    }
}
