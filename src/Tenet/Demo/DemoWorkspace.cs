using System.Globalization;
using Tenet.Accounts;
using Tenet.Inbox.Widget;
using Tenet.Kernel.Http;
using Tenet.Kernel.Workspaces;
using Tenet.Knowledge;

namespace Tenet.Demo;

/// <summary>The workspace behind the demo shop: opened at the first start, left as it is at the next.</summary>
internal sealed class DemoWorkspace(
    WorkspaceDirectory workspaces,
    WorkspaceScope door,
    Members members,
    SignInLinks links,
    SiteSources sites,
    Widgets widgets,
    DemoSite shop,
    Egress egress
)
{
    private const string Name = "Tarnwell Outdoor";
    private const string Slug = "demo";
    private const string Owner = "owner@tarnwell.example";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <param name="origin">Where this host is reached, for the crawler and the visitors alike.</param>
    /// <returns>A link that signs the demo's owner in once.</returns>
    public async Task<Uri> OpenAsync(Uri origin, IProgress<string> progress, CancellationToken ct)
    {
        progress.Report("Opening the demo shop");
        // Our own site on our own port is the one place on this machine that may be crawled without being listed.
        egress.AllowLoopback(origin.Authority);
        var workspace = await workspaces.FindAsync(Slug, ct) ?? await workspaces.OpenAsync(Name, Slug, "en", ct);
        var link = await SignInAsync(workspace.Id, ct);
        shop.WidgetKey = await door.RunAsync(workspace.Id, Actor.Operator, ctx => PrepareWidgetAsync(ctx, origin, ct), ct);
        var site = await door.RunAsync(
            workspace.Id,
            Actor.Operator,
            ctx => sites.EnsureAsync(ctx, Name, new Uri(origin, "/demo/"), ct),
            ct
        );
        await FollowCrawlAsync(workspace.Id, site, progress, ct);
        return link;
    }

    private async Task<Uri> SignInAsync(Guid workspaceId, CancellationToken ct)
    {
        try
        {
            return await links.CreateForOperatorAsync(Owner, ct);
        }
        catch (NotFoundException)
        {
            await members.CreateOwnerAsync(workspaceId, Owner, "Demo owner", ct);
            return await links.CreateForOperatorAsync(Owner, ct);
        }
    }

    private async Task<string> PrepareWidgetAsync(WorkspaceContext ctx, Uri origin, CancellationToken ct)
    {
        var privacy = new Uri(origin, "/demo/privacy").AbsoluteUri;
        if (await Widgets.FindPreparedAsync(ctx, privacy, ct) is { } key)
            return key;
        var widget = await widgets.EnsureAsync(ctx, ct);
        widget.PrivacyUrl = privacy;
        // What somebody has set in the console stays.
        if (widget.Greeting.Length == 0)
        {
            widget.Color = "#1f6b52";
            widget.Greeting = "Hello! Ask about orders, shipping, sizes or care: I answer from our pages and show where it says so.";
            widget.QuickQuestions =
            [
                "How long can I return something?",
                "Can I exchange for another size?",
                "How do I wash a rain jacket?",
            ];
        }
        return widget.Key;
    }

    // Only so that the first question finds its answer: a crawl that takes longer goes on by itself.
    private async Task FollowCrawlAsync(Guid workspaceId, Guid site, IProgress<string> progress, CancellationToken ct)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(Patience);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(150));
        try
        {
            while (true)
            {
                var now = await door.RunAsync(workspaceId, Actor.Operator, ctx => SiteSources.ProgressAsync(ctx, site, ct), ct);
                if (now.Ended)
                    return;
                progress.Report(string.Create(CultureInfo.InvariantCulture, $"Reading the demo shop: {now.Indexed} of {now.Pages} pages"));
                await timer.WaitForNextTickAsync(limit.Token);
            }
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested) { }
    }
}
