using Tenet.Kernel.Workspaces;

namespace Tenet.Assistant;

/// <summary>What one answer did with data, for people who look at it later.</summary>
/// <param name="Model">The model's name, or "excerpts" when the pages answered without one.</param>
/// <param name="Recipients">Hosts that data went to; empty when nothing left.</param>
/// <param name="DataClasses">Data classes that went there.</param>
/// <param name="Fallback">Why the chosen model did not answer, or null.</param>
public sealed record TurnReceipt(
    Guid TurnId,
    string Model,
    IReadOnlyList<string> Recipients,
    IReadOnlyList<string> DataClasses,
    int Passages,
    int Tokens,
    string? Fallback
);

public static class TurnReceipts
{
    /// <summary>The receipts of finished turns, by turn.</summary>
    public static async Task<Dictionary<Guid, TurnReceipt>> ReadAsync(WorkspaceContext ctx, Guid[] turnIds, CancellationToken ct)
    {
        var receipts = await ctx.ListAsync(
            $"""
            select id, model, recipients, data_classes, passages, tokens_in + tokens_out, fallback
              from assistant.turn
             where id = any({turnIds}) and state <> 'running'
            """,
            row => new TurnReceipt(
                row.GetGuid(0),
                row.GetString(1),
                row.GetFieldValue<string[]>(2),
                row.GetFieldValue<string[]>(3),
                row.GetInt32(4),
                row.GetInt32(5),
                row.IsDBNull(6) ? null : row.GetString(6)
            ),
            ct
        );
        return receipts.ToDictionary(receipt => receipt.TurnId);
    }
}
