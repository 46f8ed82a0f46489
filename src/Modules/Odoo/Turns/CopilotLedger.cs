using Tenet.Assistant;
using Tenet.Billing;
using Tenet.Kernel.Workspaces;

namespace Tenet.Odoo.Turns;

/// <summary>Writes what a turn leaves behind: the meter and no more.</summary>
internal sealed class CopilotLedger(WorkspaceScope door, WorkspaceModels models, TurnCredits credits)
{
    /// <summary>
    /// Turns that this host writes down at the same moment. Where many are under way, more of them only share the cores with each other and with the
    /// questions that have just come, whose first word is what people wait for.
    /// </summary>
    private readonly Bulkhead _desk = new(2 * Environment.ProcessorCount);

    /// <returns>False when the session is another user's.</returns>
    public Task<bool> BeginAsync(Guid workspaceId, TurnMeter meter, CancellationToken ct) =>
        _desk.RunAsync(
            () =>
                door.BatchAsync(
                    workspaceId,
                    Actor.Assistant,
                    batch =>
                        batch.Add(
                            $"""
                            with chat as (
                              insert into odoo.session as s (id, tenant_id, uid, title, opened_at, last_at)
                              values ({meter.SessionId}, {meter.TenantId}, {meter.Uid}, {TurnTitle.Conversation}, {batch.Now}, {batch.Now})
                              on conflict (workspace_id, id) do update set last_at = excluded.last_at
                               where s.uid = excluded.uid and s.tenant_id = excluded.tenant_id
                              returning id)
                            insert into odoo.turn (id, session_id, uid, state, started_at, provider, host, model)
                            select {meter.TurnId}, chat.id, {meter.Uid}, {CopilotState.Running}, {meter.StartedAt}, {meter.Provider}, {meter.Host}, {meter.Model}::text from chat
                            returning id
                            """
                        ),
                    rows => rows.FirstOrDefaultAsync(_ => true, ct),
                    ct
                ),
            ct
        );

    /// <summary>Sets the turn's credits aside.</summary>
    /// <returns>False when too few are left.</returns>
    public Task<bool> ReserveAsync(Guid workspaceId, TurnMeter meter, CancellationToken ct) =>
        credits.ReserveAsync(workspaceId, meter.TurnId, ct);

    /// <summary>The turn was not begun after all.</summary>
    public Task ReleaseAsync(Guid workspaceId, TurnMeter meter, CancellationToken ct) =>
        door.BatchAsync(workspaceId, Actor.Assistant, batch => credits.Release(batch, meter.TurnId), ct);

    public async Task EndAsync(Guid workspaceId, TurnMeter meter, CancellationToken ct)
    {
        await _desk.RunAsync(() => WriteAsync(workspaceId, meter, ct), ct);
        meter.Charged = meter.IsCharged ? credits.Price : 0;
        meter.CreditsLeft = await credits.LeftAsync(workspaceId, ct);
    }

    private Task<bool> WriteAsync(Guid workspaceId, TurnMeter meter, CancellationToken ct) =>
        door.BatchAsync(
            workspaceId,
            Actor.Assistant,
            batch =>
            {
                var milliseconds = (int)Math.Min((batch.Now - meter.StartedAt).TotalMilliseconds, int.MaxValue);
                batch.Add(
                    $"""
                    update odoo.turn set state = {meter.State}, fault = {meter.Fault}::text, completed_at = {batch.Now}, tokens_in = {meter.TokensIn},
                           tokens_out = {meter.TokensOut}, tool_calls = {meter.Calls.Count}, duration_ms = {milliseconds}
                     where id = {meter.TurnId} and state = 'running'
                    """
                );
                if (meter.Title != TurnTitle.Conversation)
                {
                    batch.Add(
                        $"update odoo.session set title = {meter.Title} where id = {meter.SessionId} and title = {TurnTitle.Conversation}"
                    );
                }
                foreach (var call in meter.Calls)
                {
                    batch.Add(
                        $"""
                        insert into odoo.tool_call (id, turn_id, tool, at, duration_ms, tokens, fault)
                        values ({Guid.CreateVersion7(
                            call.At
                        )}, {meter.TurnId}, {call.Tool}, {call.At}, {call.DurationMs}, {call.Tokens}, {call.Fault}::text)
                        """
                    );
                }
                models.Count(batch, meter.TurnId, meter.TokensIn, meter.TokensOut);
                if (meter.IsCharged)
                {
                    credits.Settle(batch, meter.TurnId);
                }
                else
                {
                    credits.Release(batch, meter.TurnId);
                }
            },
            static _ => Task.FromResult(true),
            ct
        );
}
