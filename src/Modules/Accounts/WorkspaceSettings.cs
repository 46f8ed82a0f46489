using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Tenet.Kernel.Http;
using Tenet.Kernel.Http.Tags;
using Tenet.Kernel.Workspaces;

namespace Tenet.Accounts;

/// <summary>What a workspace is called and which language it speaks.</summary>
internal sealed record WorkspaceSettings(string? Name, string? Language)
{
    /// <summary>Published when the workspace's own settings change.</summary>
    public const string Topic = "kernel.workspace";

    /// <summary>BCP 47 → what people call it.</summary>
    public static readonly IReadOnlyDictionary<string, string> Languages = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["en"] = "English",
        ["de"] = "Deutsch",
        ["fr"] = "Français",
        ["es"] = "Español",
        ["vi"] = "Tiếng Việt",
    };

    public static async Task<WorkspaceSettings> ReadAsync(WorkspaceContext ctx, CancellationToken ct) =>
        await ctx.FirstOrDefaultAsync(
            $"select name, language from kernel.workspace",
            row => new WorkspaceSettings(row.GetString(0), row.GetString(1)),
            ct
        ) ?? throw new NotFoundException("workspace");

    /// <exception cref="RuleException">Name or language cannot be used.</exception>
    public async Task SaveAsync(WorkspaceContext ctx, CancellationToken ct)
    {
        var validation = new Validation();
        var name = validation.Text("name", Name, 200);
        validation.OneOf("language", Language, [.. Languages.Keys]);
        validation.Throw();
        await ctx.ExecuteAsync($"update kernel.workspace set name = {name}, language = {Language} where id = {ctx.WorkspaceId}", ct);
        ctx.Audit("workspace.changed", "workspace", ctx.WorkspaceId, new { Language });
        ctx.Publish(Topic, ctx.WorkspaceId);
    }

    public static void Map(IEndpointRouteBuilder app)
    {
        app.MapGroup("/api/workspace")
            .InWorkspace(Access.Viewer)
            .MapGet("", async (WorkspaceContext ctx, CancellationToken ct) => EntityTag.Tagged(await ReadAsync(ctx, ct)))
            .WithScope("workspace:read");
        app.MapGroup("/api/workspace").InWorkspace(Access.Admin).MapPut("", PutAsync).WithScope("workspace:write");
    }

    private static async Task<NoContent> PutAsync(WorkspaceContext ctx, WorkspaceSettings body, IfMatch match, CancellationToken ct)
    {
        await match.DemandAsync(ctx, $"select from kernel.workspace for update", () => ReadAsync(ctx, ct), ct);
        await body.SaveAsync(ctx, ct);
        return TypedResults.NoContent();
    }
}
