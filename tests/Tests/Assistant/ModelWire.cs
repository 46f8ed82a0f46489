using Microsoft.Extensions.AI;
using Tenet.Assistant;
using Tenet.Kernel.Http;
using Tenet.Tests.Support.ModelFakes;
using Xunit;

namespace Tenet.Tests.Assistant;

/// <summary>Both adapters over the same fake, so that every test runs once per wire protocol.</summary>
internal static class ModelWire
{
    public static readonly TheoryData<string> Both = ["openai", "anthropic"];

    /// <summary>Patience is short: only tests that stall ever use it up.</summary>
    public static ModelPatience Short => new(TimeSpan.FromSeconds(20), TimeSpan.FromMilliseconds(300));

    public static IChatClient Client(FakeModelServer server, string wire, ModelPatience? patience = null, string key = "key-1234")
    {
        var options = new EgressOptions { Loopback = [$"127.0.0.1:{server.Address.Port}"] };
        var http = new Egress(options, TimeProvider.System).Client(ModelClients.Policy);
        IChatClient adapter = wire is "openai"
            ? new OpenAiChatClient(http, server.OpenAi, key, "fake", official: false)
            : AnthropicChat.Create(http, server.Anthropic, key, "fake", 500, TimeProvider.System);
        return new GuardedChatClient(adapter, patience ?? ModelPatience.Default, TimeProvider.System);
    }
}
