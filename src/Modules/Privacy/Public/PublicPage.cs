using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Http;
using Tenet.Kernel.Http;
using Tenet.Kernel.Policies;
using Tenet.Kernel.Workspaces;
using Tenet.Privacy.Trust;

namespace Tenet.Privacy.Public;

/// <summary>Whose page it is: a workspace's, or the installation's for one of its policies.</summary>
/// <param name="Root">Of the trust page: <c>/trust</c> or <c>/trust/acme</c>.</param>
/// <param name="Workspace">Null for the installation's.</param>
public sealed record PublicSubject(string Name, string Root, Workspace? Workspace, Policy Policy, PublishedVersion? Upcoming);

/// <summary>A page that anybody may read, about the installation or about the workspace that its address names. Unknown ones are missing pages.</summary>
public abstract class PublicPage : ComponentBase
{
    [Parameter]
    public string? Slug { get; set; }

    /// <summary>On the installation's pages: a policy in force other than the one that new workspaces are under.</summary>
    [SupplyParameterFromQuery(Name = "policy")]
    public string? PolicyName { get; set; }

    [CascadingParameter]
    private HttpContext Http { get; set; } = null!;

    [Inject]
    private TrustSheets Sheets { get; set; } = null!;

    /// <summary>Null until it is loaded.</summary>
    protected PublicSubject? Subject { get; private set; }

    protected sealed override async Task OnInitializedAsync()
    {
        var ct = Http.RequestAborted;
        var subject =
            (Slug is null ? await Sheets.OfInstallationAsync(PolicyName, ct) : await Sheets.FindAsync(Slug, ct))
            ?? throw new NotFoundException("page");
        await LoadAsync(subject, ct);
        Subject = subject;
    }

    /// <summary>What the page shows besides.</summary>
    protected virtual Task LoadAsync(PublicSubject subject, CancellationToken ct) => Task.CompletedTask;
}
