using Tenet.Kernel.Http;
using Tenet.Kernel.Workspaces;

namespace Tenet.Kernel.Audit;

/// <summary>Takes out of an entry what its details say; who did what, when and to what stays, and the chain still verifies.</summary>
public static class EraseAuditDetails
{
    internal const string Action = "audit.details_erased";

    /// <exception cref="NotFoundException">There is no such entry, or its details are erased already.</exception>
    public static async Task RunAsync(WorkspaceContext ctx, Guid entryId, CancellationToken ct)
    {
        var erased = await ctx.ExecuteAsync(
            $"update audit.entry set details = null, salt = null where id = {entryId} and details is not null",
            ct
        );
        if (erased == 0)
        {
            throw new NotFoundException("entry with details");
        }
        ctx.Audit(Action, "audit_entry", entryId);
    }
}
