using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Tenet.Kernel.Http;
using Tenet.Kernel.Workspaces;

namespace Tenet.Accounts;

internal sealed record ApiKeyView(
    Guid Id,
    Guid? MemberId,
    string? Role,
    string Name,
    string Prefix,
    IReadOnlyList<string> Scopes,
    int? RequestsPerMinute,
    DateTimeOffset CreatedAt,
    DateTimeOffset? ExpiresAt,
    DateTimeOffset? LastUsedAt
)
{
    public static ApiKeyView Of(ApiKey k) =>
        new(k.Id, k.MemberId, k.Role, k.Name, k.Prefix, k.Scopes, k.RequestsPerMinute, k.CreatedAt, k.ExpiresAt, k.LastUsedAt);
}

/// <param name="Secret">The key itself; no later answer holds it.</param>
internal sealed record MadeApiKeyView(ApiKeyView Key, string Secret);

/// <summary>Keys are made and revoked by people: a key that could make keys would outlive its own revocation.</summary>
internal static class ApiKeyEndpoints
{
    public static void MapApiKeys(this IEndpointRouteBuilder app)
    {
        var keys = app.MapGroup("/api/api-keys").InWorkspace(Access.Viewer).ForPeopleOnly().WithTags("API keys");
        keys.MapGet(
            "",
            async (WorkspaceContext ctx, CancellationToken ct) =>
                (await ApiKeys.ListAsync(ctx, ct)).ConvertAll(line => ApiKeyView.Of(line.Key))
        );
        keys.MapGet("/scopes", (ApiKeys known) => known.Scopes);
        keys.MapPost("", MakeAsync).RequireAuthorization(Access.StepUp);
        keys.MapDelete("/{id:guid}", RevokeAsync);
    }

    private static async Task<Created<MadeApiKeyView>> MakeAsync(
        WorkspaceContext ctx,
        NewApiKey body,
        ApiKeys keys,
        HttpResponse response,
        CancellationToken ct
    )
    {
        var made = await keys.MakeAsync(ctx, body, ct);
        response.Headers.CacheControl = "no-store";
        return TypedResults.Created((string?)null, new MadeApiKeyView(ApiKeyView.Of(made.Key), made.Text));
    }

    private static async Task<NoContent> RevokeAsync(WorkspaceContext ctx, Guid id, CancellationToken ct)
    {
        await ApiKeys.RevokeAsync(ctx, id, ct);
        return TypedResults.NoContent();
    }
}
