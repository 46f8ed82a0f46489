using Tenet.Kernel.Blobs;
using Tenet.Kernel.Http;
using Tenet.Kernel.Workspaces;

namespace Tenet.Privacy.Exports;

/// <summary>Opens a copy behind a link that works once, whatever it is a copy of.</summary>
internal static class TakeCopy
{
    /// <param name="table">Of the copies: a name of the code's own.</param>
    /// <param name="action">What the audit log says of it.</param>
    /// <exception cref="NotFoundException">One that is used up, not ready, expired or made up answers the same.</exception>
    public static async Task<Stream> OpenAsync(
        string token,
        string table,
        string action,
        WorkspaceScope door,
        BlobStore blobs,
        CancellationToken ct
    )
    {
        const string NoCopy = "copy behind this link, or it was fetched already";
        if (BeginPersonExport.Read(token) is not { } link)
        {
            throw new NotFoundException(NoCopy);
        }
        var blob = await door.RunAsync(
            link.Workspace,
            Actor.System,
            async ctx =>
            {
                var taken = await ctx.FirstOrDefaultAsync<(Guid Id, Guid Blob)?>(
                    $"""
                    update {Sql.Constant(table)} set state = 'taken', taken_at = {ctx.Now}
                     where token_hash = {link.Hash} and state = 'ready' and expires_at > {ctx.Now} returning id, blob_id
                    """,
                    row => (row.GetGuid(0), row.GetGuid(1)),
                    ct
                );
                if (taken is { } export)
                {
                    ctx.Audit(action, "export", export.Id);
                }
                return taken?.Blob;
            },
            ct
        );
        return await blobs.OpenAsync(link.Workspace, Actor.System, blob ?? throw new NotFoundException(NoCopy), ct);
    }
}
