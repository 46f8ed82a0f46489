using Microsoft.Extensions.DependencyInjection;
using Tenet.Kernel.Policies;
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
    /// <summary>The receipts of finished turns, by turn: all that the actor may see. Whether owners alone may stands in the policy.</summary>
    public static async Task<Dictionary<Guid, TurnReceipt>> ReadAsync(WorkspaceContext ctx, Guid[] turnIds, CancellationToken ct)
    {
        var policies = ctx.Services.GetRequiredService<PolicySettings>();
        var ownersOnly = await policies.FindAsync(ctx.WorkspaceId, OwnerOnly.Kind, OwnerOnly.History, ct) is not null;
        return await ReadAsync(ctx, turnIds, ownersOnly, ct);
    }

    /// <summary>As the other, where a probe tries what a policy would show.</summary>
    internal static async Task<Dictionary<Guid, TurnReceipt>> ReadAsync(
        WorkspaceContext ctx,
        Guid[] turnIds,
        bool ownersOnly,
        CancellationToken ct
    )
    {
        var member = ctx.Actor.Kind == ActorKind.Member ? ctx.Actor.Id : null;
        var receipts = await ctx.ListAsync(
            $"""
            select id, model, recipients, data_classes, passages, tokens_in + tokens_out, fallback
              from assistant.turn
             where id = any({turnIds}) and state <> 'running' and (not {ownersOnly} or assistant.shows_history({member}))
            """,
            row => new TurnReceipt(
                row.GetGuid(0),
                row.GetString(1),
                row.GetFieldValue<string[]>(2),
                row.GetFieldValue<string[]>(3),
                row.GetInt32(4),
                row.GetInt32(5),
                row.TextOrNull(6)
            ),
            ct
        );
        return receipts.ToDictionary(receipt => receipt.TurnId);
    }
}
