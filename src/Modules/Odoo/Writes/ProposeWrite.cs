using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;
using Tenet.Kernel.Vault;
using Tenet.Kernel.Workspaces;
using Tenet.Odoo.Mcp;
using Tenet.Odoo.Switches;
using Tenet.Odoo.Turns;

namespace Tenet.Odoo.Writes;

/// <summary>What the panel's card shows and sends back.</summary>
internal sealed record ApprovalCard(
    Guid Id,
    OdooAction Action,
    string Model,
    IReadOnlyList<long> Ids,
    string Record,
    JsonElement Changes,
    string Hash,
    DateTimeOffset ExpiresAt,
    string Ticket
);

/// <summary>A model's wish to write becomes a card: the addon looks what would change, by the user's own token, and nothing is changed.</summary>
internal sealed class ProposeWrite(McpClient odoo, SwitchBoard switches, WorkspaceScope door, WorkspaceVault vault, TimeProvider time)
{
    public static readonly TimeSpan Life = TimeSpan.FromMinutes(15);
    private const int MostCards = 5;

    private const string Shown =
        """{"state":"waiting","detail":"The user sees this proposal and decides. Nothing is changed yet: do not say that it is done."}""";

    /// <returns>What the model reads, and a code when there is no card.</returns>
    public async Task<(string Text, string? Fault)> RunAsync(
        TurnAnswer answer,
        OdooAction action,
        FunctionCallContent call,
        CancellationToken ct
    )
    {
        var token = answer.Caller.Token;
        var arguments = WriteTools.Clean(action, ToolArguments.Of(call).Json);
        if ((await switches.OfAsync(token.WorkspaceId, ct)).WhyNot(action, token.Group) is { } refusal)
        {
            return Refuse(refusal, "This is not allowed here. Tell the user that it is switched off.");
        }
        if (answer.Cards >= MostCards)
        {
            return Refuse("limit", "Too many proposals at once. Let the user decide these first.");
        }
        var look = (JsonObject)arguments.DeepClone();
        look["mode"] = "preview";
        var result = await odoo.CallAsync(answer.Caller.Tenant, token.Text, action.Tool(), look, ct);
        if (result.Error is { } error)
        {
            return (CopilotPrompt.Result(result, null), error);
        }
        if (WritePreview.Read(result.Content, arguments) is not { } preview)
        {
            return Refuse("invalid", "Odoo did not show what would change, or it is too much for one card. Propose less at once.");
        }
        if (await KeepAsync(answer, ApprovalTicket.Of(action, preview, arguments), ct) is not ({ } ticket, var id, var hash))
        {
            return Refuse("limit", "This is too much for one card. Propose less at once.");
        }
        answer.TakeCard(preview);
        var card = new ApprovalCard(
            id,
            action,
            preview.Model,
            preview.Ids,
            preview.Record,
            preview.Changes,
            hash,
            answer.Meter.StartedAt + Life,
            ticket
        );
        await answer.Events.WriteAsync("approval", card, ct);
        return (Shown, null);
    }

    private Task<(string? Ticket, Guid Id, string Hash)> KeepAsync(TurnAnswer answer, ApprovalTicket ticket, CancellationToken ct)
    {
        var (meter, id, hash) = (answer.Meter, Guid.CreateVersion7(time.GetUtcNow()), ticket.Hash());
        return door.RunAsync<(string?, Guid, string)>(
            answer.Caller.Token.WorkspaceId,
            Actor.Assistant,
            async ctx =>
            {
                var text = await ticket.SealAsync(ctx, vault, id, ct);
                if (text is not null)
                {
                    await ctx.ExecuteAsync(
                        $"""
                        insert into odoo.approval (id, tenant_id, turn_id, uid, action, hash, state, proposed_at, expires_at)
                        values ({id}, {meter.TenantId}, {meter.TurnId}, {meter.Uid}, {ticket.Action}, {hash}, {ApprovalState.Waiting}, {ctx.Now},
                                {meter.StartedAt + Life})
                        """,
                        ct
                    );
                }
                return (text, id, Convert.ToHexStringLower(hash));
            },
            ct
        );
    }

    private static (string, string?) Refuse(string code, string detail) =>
        (JsonSerializer.Serialize(new { error = code, detail }, CopilotJson.Options), code);
}
