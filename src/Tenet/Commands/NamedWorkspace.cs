using Tenet.Kernel.Workspaces;

namespace Tenet.Commands;

internal static class NamedWorkspace
{
    /// <summary>The workspace that a command's <c>--workspace</c> names.</summary>
    /// <exception cref="InvalidOperationException">There is none of this name.</exception>
    public static async Task<Workspace> WorkspaceNamedAsync(this IServiceProvider services, string slug, CancellationToken ct) =>
        await services.GetRequiredService<WorkspaceDirectory>().FindAsync(slug, ct)
        ?? throw new InvalidOperationException($"There is no workspace \"{slug}\". Name one with --workspace.");
}
