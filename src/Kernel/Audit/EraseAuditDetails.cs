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

    /// <summary>Takes the details out of every entry about one of these subjects.</summary>
    /// <returns>How many had some.</returns>
    public static async Task<int> OfSubjectsAsync(WorkspaceContext ctx, Guid[] subjects, CancellationToken ct)
    {
        var entries = await ctx.ListAsync(
            $"select id from audit.entry where subject_id = any({subjects}) and details is not null",
            row => row.GetGuid(0),
            ct
        );
        foreach (var entry in entries)
        {
            await RunAsync(ctx, entry, ct);
        }
        return entries.Count;
    }
}
