using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using Tenet.Kernel.Vault;
using Tenet.Kernel.Workspaces;
using Tenet.Odoo.Mcp;
using Tenet.Odoo.Switches;
using Tenet.Odoo.Tokens;
using Tenet.Odoo.Turns;

namespace Tenet.Odoo.Writes;

/// <summary>What a panel sends when the user has decided.</summary>
/// <param name="Language">For what Tenet itself has to say.</param>
internal sealed record Decision(string? Choice, string? Hash, string? Ticket, string Language);

/// <summary>What became of a card.</summary>
internal sealed record Outcome(
    ApprovalState State,
    string? Model = null,
    IReadOnlyList<long>? Ids = null,
    JsonElement? Changes = null,
    string? Code = null,
    string? Text = null
);

/// <summary>
/// Carries out what a user approved, once: taken in one statement before Odoo is called, so that no second request, node or retry writes again. The
/// addon reads the records anew under a lock and writes only if they are as the user saw them.
/// </summary>
internal sealed class DecideApproval(McpClient odoo, SwitchBoard switches, WorkspaceScope door, WorkspaceVault vault)
{
    private const int LongestDetail = 200;

    // After these Odoo has certainly not written; after any other silence nobody knows.
    private static readonly OdooFault[] Refusals = [OdooFault.Address, OdooFault.Certificate, OdooFault.NotInstalled, OdooFault.Refused];

    /// <returns>The outcome, or a code of the contract; both null when there is no such approval of this user.</returns>
    public async Task<(Outcome? Outcome, string? Fault)> RunAsync(CopilotCaller caller, Guid id, Decision decision, CancellationToken ct)
    {
        var token = caller.Token;
        var approves = decision.Choice == "approve";
        var allowed = await switches.OfAsync(token.WorkspaceId, ct);
        var (ticket, outcome, fault) = await door.RunAsync(
            token.WorkspaceId,
            Actor.System,
            ctx => TakeAsync(ctx, caller, id, decision, approves, allowed, ct),
            ct
        );
        if (ticket is null)
        {
            return (outcome, fault);
        }
        // Taken: from here on it runs to its end, whether or not the panel waits.
        var done = await ExecuteAsync(caller, id, ticket, decision.Language);
        await EndAsync(token, id, ticket, done);
        return (done, null);
    }

    /// <returns>What became of an approval of this user so far; null when there is none.</returns>
    public Task<ApprovalState?> StateAsync(CopilotCaller caller, Guid id, CancellationToken ct) =>
        door.BatchAsync(
            caller.Token.WorkspaceId,
            Actor.System,
            batch =>
                batch.Add(
                    $"select state from odoo.approval where id = {id} and tenant_id = {caller.Tenant.Id} and uid = {caller.Token.Uid}"
                ),
            rows => rows.FirstOrDefaultAsync<ApprovalState?>(row => Kernel.Postgres.SqlValue.Enum<ApprovalState>(row.GetString(0)), ct),
            ct
        );

    private async Task<(ApprovalTicket? Ticket, Outcome? Outcome, string? Fault)> TakeAsync(
        WorkspaceContext ctx,
        CopilotCaller caller,
        Guid id,
        Decision decision,
        bool approves,
        CopilotSwitches allowed,
        CancellationToken ct
    )
    {
        var row = await ctx.FirstOrDefaultAsync(
            $"""
            select state = 'waiting', expires_at, hash, action from odoo.approval
             where id = {id} and tenant_id = {caller.Tenant.Id} and uid = {caller.Token.Uid} for update
            """,
            row => new
            {
                Waits = row.GetBoolean(0),
                Expires = row.GetFieldValue<DateTimeOffset>(1),
                Hash = row.GetFieldValue<byte[]>(2),
                Action = Kernel.Postgres.SqlValue.Enum<OdooAction>(row.GetString(3)),
            },
            ct
        );
        if (row is null)
        {
            return default;
        }
        if (!row.Waits)
        {
            return (null, null, "decided");
        }
        if (row.Expires <= ctx.Now)
        {
            return (null, null, "expired");
        }
        if (!approves)
        {
            await ctx.ExecuteAsync(
                $"update odoo.approval set state = {ApprovalState.Declined}, decided_at = {ctx.Now} where id = {id}",
                ct
            );
            ctx.Audit("odoo.declined", "odoo_approval", id, new { row.Action, caller.Token.Uid });
            return (null, new Outcome(ApprovalState.Declined), null);
        }
        if (allowed.WhyNot(row.Action, caller.Token.Group) is { } refusal)
        {
            return (null, null, refusal);
        }
        var ticket = await ApprovalTicket.OpenAsync(ctx, vault, id, decision.Ticket, ct);
        if (
            ticket is null
            || ticket.Action != row.Action
            || !CryptographicOperations.FixedTimeEquals(ticket.Hash(), row.Hash)
            || decision.Hash != Convert.ToHexStringLower(row.Hash)
        )
        {
            return (null, null, "hash");
        }
        await ctx.ExecuteAsync($"update odoo.approval set state = {ApprovalState.Executing}, decided_at = {ctx.Now} where id = {id}", ct);
        ctx.Enqueue(EndLostWrite.Kind, id, EndLostWrite.Patience, EndLostWrite.KeyOf(id));
        ctx.Audit(
            "odoo.approved",
            "odoo_approval",
            id,
            new
            {
                row.Action,
                caller.Token.Uid,
                ticket.Model,
                ticket.Ids,
            }
        );
        return (ticket, null, null);
    }

    private async Task<Outcome> ExecuteAsync(CopilotCaller caller, Guid id, ApprovalTicket ticket, string language)
    {
        var arguments = (JsonObject)ticket.Arguments.DeepClone();
        arguments["mode"] = "execute";
        arguments["expect"] = JsonNode.Parse(ticket.Expect.GetRawText());
        arguments["approval"] = id.ToString("D");
        try
        {
            var answer = await odoo.CallAsync(caller.Tenant, caller.Token.Text, ticket.Action.Tool(), arguments, CancellationToken.None);
            return answer.Error switch
            {
                null => new Outcome(ApprovalState.Done, ticket.Model, WritePreview.IdsOf(answer.Content) ?? ticket.Ids),
                "conflict" => new Outcome(
                    ApprovalState.Conflict,
                    Changes: answer.Content.TryGetProperty("preview", out var now) ? WritePreview.ChangesOf(now) : null
                ),
                var error => new Outcome(ApprovalState.Failed, Code: error, Text: DetailOf(answer)),
            };
        }
        catch (OdooException e)
        {
            return Refusals.Contains(e.Fault)
                ? new Outcome(ApprovalState.Failed, Code: e.Code, Text: CopilotText.Of(e.Code, language))
                : new Outcome(ApprovalState.Unknown, Code: e.Code);
        }
    }

    private Task EndAsync(UserToken token, Guid id, ApprovalTicket ticket, Outcome done) =>
        door.BatchAsync(
            token.WorkspaceId,
            Actor.Assistant,
            batch =>
            {
                // An answer that comes after the job has given up is truer than what the job wrote.
                batch.Add(
                    $"update odoo.approval set state = {done.State}, fault = {done.Code}::text where id = {id} and state in ('executing', 'unknown')"
                );
                batch.Withdraw(EndLostWrite.Kind, EndLostWrite.KeyOf(id));
                batch.Audit(
                    "odoo.acted",
                    "odoo_approval",
                    id,
                    new
                    {
                        ticket.Action,
                        token.Uid,
                        ticket.Model,
                        Ids = done.Ids ?? ticket.Ids,
                        done.State,
                    }
                );
            },
            CancellationToken.None
        );

    private static string? DetailOf(ToolAnswer answer) =>
        answer.Content.TryGetProperty("detail", out var detail) && detail.ValueKind == JsonValueKind.String
            ? detail.GetString() is { Length: > LongestDetail } text
                ? text[..LongestDetail]
                : detail.GetString()
            : null;
}
