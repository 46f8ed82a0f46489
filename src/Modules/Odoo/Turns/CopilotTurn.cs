using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;
using Tenet.Assistant;
using Tenet.Odoo.Mcp;
using Tenet.Odoo.Switches;
using Tenet.Odoo.Tokens;
using Tenet.Odoo.Writes;

namespace Tenet.Odoo.Turns;

/// <summary>
/// One question to its answer: model, tools in the user's Odoo, model again. Question, results and answer are on this object's stack and in the
/// panel's stream; what is written is the <see cref="TurnMeter"/>.
/// </summary>
internal sealed partial class CopilotTurn(
    McpClient odoo,
    ProposeWrite writes,
    SwitchBoard switches,
    CopilotLedger ledger,
    TimeProvider time,
    ILogger<CopilotTurn> logger
)
{
    private const int MaxRounds = 8;
    private const int MaxCalls = 16;
    private const int MaxAnswer = 24_000;

    public async Task RunAsync(
        CopilotCaller caller,
        TurnQuestion question,
        WorkspaceModel model,
        TurnMeter meter,
        TurnEvents events,
        RunningTurn running,
        CancellationToken ct
    )
    {
        var answer = new TurnAnswer(caller, question, model, meter, events);
        var isBegun = false;
        try
        {
            // First of all: whoever asked sees at once that it was heard.
            await events.OpenAsync(ct);
            await events.WriteAsync("status", new TurnProgress(meter.TurnId, "thinking", null, null), ct);
            isBegun = await ledger.BeginAsync(caller.Token.WorkspaceId, meter, CancellationToken.None);
            if (!isBegun)
            {
                throw new TurnStop("session");
            }
            await AnswerAsync(answer, running.Ended);
        }
        catch (Exception) when (ct.IsCancellationRequested)
        {
            (meter.State, meter.Fault) = (CopilotState.Cut, null);
        }
        catch (Exception) when (running.IsStopped)
        {
            meter.Failed("stopped");
        }
        catch (OdooException e)
        {
            meter.Failed(e.Code);
        }
        catch (ModelException e)
        {
            meter.Failed(TurnMeter.CodeOf(e.Fault));
        }
        catch (TurnStop stop)
        {
            meter.Failed(stop.Code);
        }
        catch (Exception e)
        {
            LogFailed(e.GetType().Name, e.TargetSite?.Name, e.StackTrace);
            meter.Failed("internal");
        }
        meter.Title = TurnTitles.Of(answer.Sources.Models);
        // Not bound to the panel: what was used counts, whether or not somebody still listens.
        await (
            isBegun
                ? ledger.EndAsync(caller.Token.WorkspaceId, meter, CancellationToken.None)
                : ledger.ReleaseAsync(caller.Token.WorkspaceId, meter, CancellationToken.None)
        );
        if (!ct.IsCancellationRequested)
        {
            await answer.EndAsync(time.GetUtcNow(), ct);
        }
    }

    private async Task AnswerAsync(TurnAnswer answer, CancellationToken ct)
    {
        var token = answer.Caller.Token;
        var allowed = (await switches.OfAsync(token.WorkspaceId, ct)).Allowed(token.Group).Select(WriteTools.Of).ToList();
        var messages = CopilotPrompt.Messages(answer.Question, allowed.Count > 0, time.GetUtcNow());
        for (var round = 0; ; round++)
        {
            if (!(await switches.OfAsync(token.WorkspaceId, ct)).MayAsk(token.Group))
            {
                throw new TurnStop("stopped");
            }
            var calls = new List<FunctionCallContent>();
            var said = await StreamAsync(answer, messages, calls, round < MaxRounds ? [.. OdooTools.Reads, .. allowed] : null, ct);
            if (calls.Count == 0)
            {
                await answer.FinishAsync(ct);
                return;
            }
            if (round == MaxRounds || answer.Meter.Calls.Count + calls.Count > MaxCalls)
            {
                throw new TurnStop("too_many_steps");
            }
            messages.Add(
                new ChatMessage(ChatRole.Assistant, [.. said.Length > 0 ? [new TextContent(said)] : Array.Empty<AIContent>(), .. calls])
            );
            var results = new List<AIContent>(calls.Count);
            foreach (var call in calls)
            {
                results.Add(new FunctionResultContent(call.CallId, await CallAsync(answer, call, ct)));
            }
            messages.Add(new ChatMessage(ChatRole.Tool, results));
        }
    }

    private static async Task<string> StreamAsync(
        TurnAnswer answer,
        List<ChatMessage> messages,
        List<FunctionCallContent> calls,
        List<AITool>? tools,
        CancellationToken ct
    )
    {
        var options = new ChatOptions { MaxOutputTokens = answer.Model.MaxOutputTokens, Tools = tools };
        var said = new System.Text.StringBuilder();
        await foreach (var update in answer.Model.Client.GetStreamingResponseAsync(messages, options, ct))
        {
            foreach (var content in update.Contents)
            {
                switch (content)
                {
                    case TextContent { Text.Length: > 0 } text when said.Length < MaxAnswer:
                        said.Append(text.Text);
                        await answer.SayAsync(text.Text, ct);
                        break;
                    case FunctionCallContent call:
                        calls.Add(call);
                        break;
                    case UsageContent usage:
                        answer.Meter.TokensIn += (int)(usage.Details.InputTokenCount ?? 0);
                        answer.Meter.TokensOut += (int)(usage.Details.OutputTokenCount ?? 0);
                        break;
                }
            }
        }
        return said.ToString();
    }

    /// <returns>What the model reads.</returns>
    private async Task<string> CallAsync(TurnAnswer answer, FunctionCallContent call, CancellationToken ct)
    {
        var action = OdooActions.Find(call.Name);
        if (action is null && !OdooTools.IsRead(call.Name))
        {
            answer.Meter.Calls.Add(new MeteredCall("unknown", time.GetUtcNow(), 0, 0, "unknown_tool"));
            return """{"error":"invalid","detail":"There is no such tool."}""";
        }
        var token = answer.Caller.Token;
        if (time.GetUtcNow() >= token.ExpiresAt)
        {
            throw new TurnStop("token_expired");
        }
        var arguments = ToolArguments.Of(call);
        var state = action is null ? "reading" : "writing";
        await answer.Events.WriteAsync("status", new TurnProgress(answer.Meter.TurnId, state, call.Name, arguments.Model), ct);
        var (at, start) = (time.GetUtcNow(), time.GetTimestamp());
        string? fault = null;
        var tokens = 0;
        try
        {
            if (action is { } proposed)
            {
                (var said, fault) = await writes.RunAsync(answer, proposed, call, ct);
                return said;
            }
            var result = await odoo.CallAsync(answer.Caller.Tenant, token.Text, call.Name, arguments.Json, ct);
            fault = result.Error;
            var number = answer.Take(call.Name, arguments.Values, result);
            var text = CopilotPrompt.Result(result, number);
            tokens = text.Length / 4;
            return text;
        }
        catch (OdooException e)
        {
            fault = e.Code;
            throw;
        }
        finally
        {
            answer.Meter.Calls.Add(new MeteredCall(call.Name, at, (int)time.GetElapsedTime(start).TotalMilliseconds, tokens, fault));
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "A copilot's turn failed because of {Error} in {Method}\n{Stack}")]
    private partial void LogFailed(string error, string? method, string? stack);
}
