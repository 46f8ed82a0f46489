using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Tenet.Kernel;
using Tenet.Kernel.DataMaps;
using Tenet.Kernel.Doctoring;
using Tenet.Kernel.Http;
using Tenet.Kernel.Policies;
using Tenet.Kernel.Screens;
using Tenet.Kernel.Workspaces;
using Tenet.Knowledge;

namespace Tenet.Assistant;

public static class AssistantModule
{
    public static IServiceCollection AddAssistant(this IServiceCollection services)
    {
        services.AddRecords(records =>
            records
                .Add<AssistantSettings>()
                .Add<TurnRecord>()
                .Add<UsageDay>()
                .Rule("assistant.settings", "as long as the workspace is active")
                .Rule("assistant.turns", "as long as the workspace is active: states, times and counts, without content or persons")
        );
        services.TryAddSingleton(ModelPatience.Default);
        services.TryAddSingleton(TurnPatience.Default);
        services.AddSingleton<SettingsStore>().AddSingleton<ModelClients>().AddSingleton<AssistantProfiles>().AddSingleton<TestModelKey>();
        services.AddSingleton<WorkspaceEmbeddings>().AddSingleton<EmbedTexts>(s => s.GetRequiredService<WorkspaceEmbeddings>().EmbedAsync);
        services.TryAddSingleton<FindPassages>(s => s.GetRequiredService<KnowledgeSearch>().FindAsync);
        services.AddSingleton<AssistantTools>().AddSingleton(Budget).AddSingleton(Pipeline).AddSingleton<AskInTestBench>();
        services.AddSingleton(s => new WorkspaceModels(s.GetRequiredService<AssistantProfiles>(), s.GetRequiredService<TokenBudget>()));
        services.AddClaimKind(_ => new ProviderChoice());
        services.AddClaimKind(_ => new ContentContext());
        services.AddClaimKind(_ => new OwnerOnly());
        services.AddLifeClock(LifeClock.OfWorkspace("assistant.settings", "assistant.settings"));
        services.AddLifeClock(LifeClock.OfWorkspace("assistant.turns", "assistant.turn", "assistant.usage"));
        services.AddSingleton(new OutsideHosts("models", SettingsStore.HostsAsync));
        services.AddSingleton(new NavEntry("Assistant", "/assistant", 40, Access.Admin));
        return services;
    }

    public static void MapAssistant(this IEndpointRouteBuilder app) => app.MapEndpoints();

    private static TokenBudget Budget(IServiceProvider services)
    {
        var door = services.GetRequiredService<WorkspaceScope>();
        return new TokenBudget(
            (workspaceId, day, ct) => door.RunAsync(workspaceId, Actor.System, ctx => UsageReport.TokensOfAsync(ctx, day, ct), ct),
            services.GetRequiredService<TimeProvider>()
        );
    }

    private static TurnPipeline Pipeline(IServiceProvider services) =>
        new(
            services.GetRequiredService<AssistantProfiles>().GetAsync,
            services.GetRequiredService<FindPassages>(),
            services.GetRequiredService<AssistantTools>(),
            services.GetRequiredService<TokenBudget>(),
            services.GetRequiredService<TurnPatience>(),
            services.GetRequiredService<TimeProvider>(),
            services.GetRequiredService<ILogger<TurnPipeline>>()
        );
}
