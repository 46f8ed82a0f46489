using Tenet.Kernel.Workspaces;

namespace Tenet.Assistant;

/// <summary>
/// The record of turns: one row per turn, exactly one final state. The statements join the caller's own batch or transaction, so that a
/// turn's end and its stored answer are one commit.
/// </summary>
public static class TurnLedger
{
    // A row is locked until its commit is on the disk: one row a day would let one turn of a workspace end at a time.
    private const int UsageSlots = 32;

    /// <summary>The turn runs. Begun again after its host was lost, it counts one attempt more; a finished turn stays as it is.</summary>
    public static void Begin(SqlBatch batch, Guid turnId, TurnOrigin origin = TurnOrigin.Conversation) =>
        batch.Add(
            $"""
            insert into assistant.turn (id, origin, state, started_at) values ({turnId}, {origin}, 'running', {batch.Now})
            on conflict (workspace_id, id) do update set attempt = assistant.turn.attempt + 1 where assistant.turn.state = 'running'
            """
        );

    /// <summary>
    /// Gives the turn its final state and counts its tokens, both only once: whoever comes second, or with an attempt that is not the
    /// latest, changes nothing. A turn that was never begun is written as a whole.
    /// </summary>
    /// <param name="batch">The caller's.</param>
    /// <param name="turnId">The turn.</param>
    /// <param name="outcome">What the pipeline reported.</param>
    /// <param name="attempt">The attempt that finishes, or null when the caller has its own way to let only one win.</param>
    /// <param name="origin">Where it was asked for.</param>
    public static void Complete(
        SqlBatch batch,
        Guid turnId,
        TurnOutcome outcome,
        int? attempt = null,
        TurnOrigin origin = TurnOrigin.Conversation
    )
    {
        var receipt = outcome.Receipt;
        var milliseconds = (int)Math.Min(receipt.Duration.TotalMilliseconds, int.MaxValue);
        string[] recipients = [.. receipt.Sent.Select(d => d.Recipient).Distinct(StringComparer.Ordinal)];
        string[] classes = [.. receipt.Sent.Select(d => d.DataClass).Distinct(StringComparer.Ordinal)];
        string[] stored = [.. receipt.Stored];
        var slot = (short)(turnId.ToByteArray()[^1] % UsageSlots);
        var day = DateOnly.FromDateTime(batch.Now.UtcDateTime);
        batch.Add(
            $"""
            with done as (
              insert into assistant.turn as t
                (id, origin, state, started_at, completed_at, provider, model, recipients, data_classes, stored, passages, tokens_in, tokens_out,
                 tokens_estimated, calls, fallback, duration_ms)
              values ({turnId}, {origin}, {outcome.State}, {batch.Now - receipt.Duration}, {batch.Now}, {receipt.Provider}, {receipt.Model},
                      {recipients}, {classes}, {stored}, {receipt.Passages}, {receipt.TokensIn}, {receipt.TokensOut},
                      {receipt.TokensEstimated}, {receipt.Attempts}, {receipt.Fallback}::text, {milliseconds})
              on conflict (workspace_id, id) do update set
                state = excluded.state, completed_at = excluded.completed_at, provider = excluded.provider, model = excluded.model,
                recipients = excluded.recipients, data_classes = excluded.data_classes, stored = excluded.stored,
                passages = excluded.passages, tokens_in = excluded.tokens_in, tokens_out = excluded.tokens_out,
                tokens_estimated = excluded.tokens_estimated, calls = excluded.calls, fallback = excluded.fallback,
                duration_ms = excluded.duration_ms
              where t.state = 'running' and t.attempt = coalesce({attempt}::int, t.attempt)
              returning tokens_in, tokens_out)
            insert into assistant.usage as u (day, slot, tokens_in, tokens_out, turns)
            select {day}::date, {slot}, tokens_in, tokens_out, 1 from done
            on conflict (workspace_id, day, slot) do update set
              tokens_in = u.tokens_in + excluded.tokens_in, tokens_out = u.tokens_out + excluded.tokens_out, turns = u.turns + 1
            """
        );
    }

    /// <summary>The tokens of a turn that another module records.</summary>
    internal static void Count(SqlBatch batch, Guid turnId, int tokensIn, int tokensOut) =>
        batch.Add(
            $"""
            insert into assistant.usage as u (day, slot, tokens_in, tokens_out, turns)
            values ({DateOnly.FromDateTime(batch.Now.UtcDateTime)}, {(short)(
                turnId.ToByteArray()[^1] % UsageSlots
            )}, {tokensIn}, {tokensOut}, 1)
            on conflict (workspace_id, day, slot) do update set
              tokens_in = u.tokens_in + excluded.tokens_in, tokens_out = u.tokens_out + excluded.tokens_out, turns = u.turns + 1
            """
        );

    /// <summary>
    /// The turn ends without an answer that anybody reads. What is known of it stays; a turn that was never begun is written as a whole.
    /// </summary>
    /// <param name="batch">The caller's.</param>
    /// <param name="turnId">The turn.</param>
    /// <param name="completed">The turn may have its receipt already, although its answer was not stored.</param>
    public static void Abandon(SqlBatch batch, Guid turnId, bool completed = false) =>
        batch.Add(
            $"""
            insert into assistant.turn as t (id, origin, state, started_at, completed_at)
            values ({turnId}, {TurnOrigin.Conversation}, {TurnState.Abandoned}, {batch.Now}, {batch.Now})
            on conflict (workspace_id, id) do update set state = excluded.state, completed_at = coalesce(t.completed_at, excluded.completed_at)
             where t.state = 'running' or {completed}
            """
        );

    /// <summary>The reader's thumb, which may be changed. What the reader wrote with it is content: the caller's.</summary>
    public static Task RateAsync(WorkspaceContext ctx, Guid turnId, bool helpful, CancellationToken ct) =>
        ctx.ExecuteAsync($"update assistant.turn set helpful = {helpful} where id = {turnId} and state <> 'running'", ct);
}
