using System.Net.Http.Json;
using Microsoft.Extensions.DependencyInjection;
using Tenet.Kernel.Http;
using Tenet.Kernel.Workspaces;
using Tenet.Tests.Support;
using Tenet.Tests.Support.ModelFakes;

namespace Tenet.Tests.Inbox;

internal static class WorkspaceModel
{
    /// <summary>Gives a workspace a model on loopback that always answers <paramref name="reply"/>.</summary>
    public static async Task<FakeModelServer> UseModelAsync(
        this TestHost host,
        Workspace workspace,
        FakeReply reply,
        string provider = "compatible",
        string key = "k-123456"
    )
    {
        var model = await FakeModelServer.StartAsync();
        model.Default = reply;
        host.Services.GetRequiredService<Egress>().AllowLoopback(model.Address.Authority);
        using var admin = await host.SignInAsync(workspace, "admin");
        var saved = await admin.PutAsJsonAsync(
            "/api/assistant/settings",
            new
            {
                provider,
                model = "fake",
                baseUrl = (provider == "anthropic" ? model.Anthropic : model.OpenAi).ToString(),
                key,
            }
        );
        return saved.IsSuccessStatusCode ? model : throw new InvalidOperationException(await saved.Content.ReadAsStringAsync());
    }
}
