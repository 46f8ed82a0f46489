using Tenet.Accounts;
using Tenet.Kernel.Http;
using Tenet.Kernel.Workspaces;

namespace Tenet.Demo;

/// <summary>The workspace behind the demo shop: opened at the first start, left as it is at the next.</summary>
internal sealed class DemoWorkspace(WorkspaceDirectory workspaces, Members members, SignInLinks links)
{
    private const string Slug = "demo";
    private const string Owner = "owner@tarnwell.example";

    /// <returns>A link that signs the demo's owner in once.</returns>
    public async Task<Uri> OpenAsync(CancellationToken ct)
    {
        var workspace = await workspaces.FindAsync(Slug, ct) ?? await workspaces.OpenAsync("Tarnwell Outdoor", Slug, "en", ct);
        try
        {
            return await links.CreateForOperatorAsync(Owner, ct);
        }
        catch (NotFoundException)
        {
            await members.CreateOwnerAsync(workspace.Id, Owner, "Demo owner", ct);
            return await links.CreateForOperatorAsync(Owner, ct);
        }
    }
}
