using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Tenet.Kernel.Http;
using Tenet.Kernel.Workspaces;
using Tenet.Privacy.Exports;

namespace Tenet.Privacy.Public;

/// <summary>The button on a page behind a link in a letter.</summary>
internal static class LetterLink
{
    /// <summary>Does what the link is for. One that is used up, over or made up leads to the page that says so, whichever it is.</summary>
    /// <param name="pages">Where the pages of such links are: <c>/privacy/news/</c>.</param>
    /// <param name="work">Gets the hash of the token's secret; gives the page that comes next, or null when there is nothing behind the link.</param>
    public static async Task<RedirectHttpResult> FollowAsync(
        string token,
        string pages,
        WorkspaceScope door,
        Func<WorkspaceContext, byte[], Task<string?>> work,
        CancellationToken ct
    )
    {
        try
        {
            var next = BeginPersonExport.Read(token) is { } link
                ? await door.RunAsync(link.Workspace, Actor.System, ctx => work(ctx, link.Hash), ct)
                : null;
            return TypedResults.Redirect(pages + (next ?? "used"));
        }
        catch (NotFoundException)
        {
            return TypedResults.Redirect(pages + "used");
        }
    }
}
