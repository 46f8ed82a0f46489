using Microsoft.Extensions.AI;
using Tenet.Kernel.Http;

namespace Tenet.Assistant;

/// <summary>Makes the client for a workspace's choice of model, over the one way out.</summary>
internal sealed class ModelClients(Egress egress, ModelPatience patience, TimeProvider time)
{
    /// <summary>Answers stream for as long as they take; silence is watched by <see cref="GuardedChatClient"/>.</summary>
    public static readonly EgressPolicy Policy = new("models")
    {
        MaxBytes = 16_000_000,
        TotalTime = TimeSpan.FromMinutes(5),
        IdleTime = TimeSpan.FromSeconds(60),
        ConnectionsPerHost = 1024,
    };

    /// <returns>Null when the pages answer.</returns>
    public IChatClient? Create(AssistantSettings settings, string? key)
    {
        var http = egress.Client(Policy);
        var provider = ModelProvider.Find(settings.Provider);
        if (provider is null or { Api: ModelApi.None } || !Uri.TryCreate(settings.BaseUrl, UriKind.Absolute, out var url))
            return null;
        var client =
            provider.Api == ModelApi.Anthropic
                ? AnthropicChat.Create(http, url, key ?? "", settings.Model, settings.MaxOutputTokens, time)
                : new OpenAiChatClient(http, url, key, settings.Model, provider.Id == "openai");
        return new GuardedChatClient(client, patience, time);
    }
}
