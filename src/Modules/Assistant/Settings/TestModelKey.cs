using Microsoft.Extensions.AI;
using Tenet.Kernel.Workspaces;

namespace Tenet.Assistant;

/// <param name="Works">The model answered.</param>
/// <param name="Message">What happened and what to do.</param>
/// <param name="Fault">Null when it works.</param>
/// <param name="Milliseconds">Until the first word.</param>
/// <param name="CallsTools">The model takes tools; null when it does not work at all.</param>
internal sealed record KeyTest(bool Works, string Message, ModelFault? Fault, int Milliseconds, bool? CallsTools);

/// <summary>"Test this key": asks the model for one word, with what is in the form and not yet stored.</summary>
internal sealed class TestModelKey(WorkspaceScope door, SettingsStore store, ModelClients clients, AssistantTools tools, TimeProvider time)
{
    /// <exception cref="Kernel.Http.RuleException">The form is not complete.</exception>
    public async Task<KeyTest> RunAsync(Guid workspaceId, Actor actor, SettingsForm form, CancellationToken ct)
    {
        var (settings, key) = await door.RunAsync(workspaceId, actor, ctx => PrepareAsync(ctx, form, ct), ct);
        if (clients.Create(settings, key) is not { } client)
            return new KeyTest(true, "Your pages answer. There is no key to test.", null, 0, null);
        using (client)
        {
            var start = time.GetTimestamp();
            var fault = await AskAsync(client, withTools: true, ct);
            var milliseconds = (int)time.GetElapsedTime(start).TotalMilliseconds;
            if (fault is null)
                return new KeyTest(true, $"It works: {settings.Model} answered in {milliseconds} ms.", null, milliseconds, true);
            // Small local models refuse requests that name tools.
            if (fault == ModelFault.BadResponse && await AskAsync(client, withTools: false, ct) is null)
                return new KeyTest(
                    true,
                    $"It works, but {settings.Model} cannot use tools. Switch \"Use tools\" off.",
                    null,
                    milliseconds,
                    false
                );
            return new KeyTest(false, FaultText.For(fault.Value), fault, milliseconds, null);
        }
    }

    private async Task<(AssistantSettings Settings, string? Key)> PrepareAsync(
        WorkspaceContext ctx,
        SettingsForm form,
        CancellationToken ct
    )
    {
        var stored = await SettingsStore.LoadAsync(ctx, ct);
        var settings = SettingsStore.KeepKey(stored, form.ApplyTo(stored));
        var key = form.Key ?? await store.OpenKeyAsync(ctx, settings, ct);
        if (form.Key is null)
            SettingsStore.DemandKey(settings);
        ctx.Audit("assistant.key_tested", "assistant_settings", stored.Id, new { settings.Provider });
        return (settings, key);
    }

    private async Task<ModelFault?> AskAsync(IChatClient client, bool withTools, CancellationToken ct)
    {
        // Some models think before they speak; a limit of a few tokens would cut them off before the word.
        var options = new ChatOptions { MaxOutputTokens = 256, Tools = withTools ? [.. tools.Declarations] : null };
        try
        {
            await foreach (
                var update in client.GetStreamingResponseAsync([new ChatMessage(ChatRole.User, "Reply with the word OK.")], options, ct)
            )
            {
                if (update.Text.Length > 0 || update.FinishReason is not null)
                    return null;
            }
            return ModelFault.Cut;
        }
        catch (ModelException e)
        {
            return e.Fault;
        }
    }
}
