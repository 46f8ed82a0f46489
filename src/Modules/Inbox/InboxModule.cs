using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Tenet.Inbox.Answers;
using Tenet.Inbox.Widget;
using Tenet.Kernel;
using Tenet.Kernel.DataMaps;
using Tenet.Kernel.Http;
using Tenet.Kernel.Policies;
using Tenet.Kernel.Screens;
using Tenet.Kernel.Subjects;
using Tenet.Kernel.Workspaces;

namespace Tenet.Inbox;

public static class InboxModule
{
    public static IServiceCollection AddInbox(this IServiceCollection services, VisitorLimitOptions? limits = null)
    {
        services.AddSingleton(
            new BrowserItem(
                "tenet:KEY",
                false,
                "chat widget: the visitor's random id and session, up to where was read, a message that is being written, and whether the age that is asked for was confirmed, where it is",
                "until removed by the visitor; a draft until the tab is closed"
            )
        );
        services.AddDb<InboxDb>(options => new InboxDb(options));
        services.AddRecords(records =>
            records
                .Add<Conversation>()
                .Add<Message>()
                .Add<Visitor>()
                .Add<Presence>()
                .Add<WidgetSettings>()
                .Rule(ExpireConversations.Rule, "as long after the last message as the policy says, or the workspace within it")
                .Rule("inbox.presence", "as long as the member belongs to the workspace")
                .Rule("inbox.settings", "as long as the workspace is active")
        );
        services.AddClaimKind(_ => new SignedIdentities());
        services.AddClaimKind(_ => new AgeGate());
        services.AddSingleton<FindAnswer>(StoredAnswer.FindAsync);
        services.AddRetentionClock(ConversationAge.Clock);
        services.AddLifeClock(LifeClock.OfWorkspace("inbox.settings", "inbox.widget"));
        services.AddLifeClock(
            new LifeClock(
                "inbox.presence",
                LifeClock.Member,
                before =>
                    $"select count(*) from (select from inbox.presence p where p.seen_at < {before} and not exists (select from accounts.member m where m.id = p.member_id) limit 1000) outlived"
            )
            {
                Delete = Sql.Constant(
                    "delete from inbox.presence p where not exists (select from accounts.member m where m.id = p.member_id)"
                ),
            }
        );
        services.AddSingleton<ConversationFeed>().AddSingleton<AnswerTurn>().AddSingleton<StoreAnswer>().AddSingleton<ReceiveMessage>();
        services.AddHostedService(provider => provider.GetRequiredService<AnswerTurn>());
        services.AddSingleton<AskForPerson>().AddSingleton<ConversationDesk>();
        services.AddSingleton<VisitorTokens>().AddSingleton<WidgetDirectory>().AddSingleton<WidgetEvents>().AddSingleton<Widgets>();
        services.AddSingleton<FindEmbedSite>(p =>
            async (key, ct) =>
                await p.GetRequiredService<WidgetDirectory>().FindAsync(key, ct) is { IsClosed: false } widget
                    ? widget.Site
                    : throw new NotFoundException("website")
        );
        var overrides = limits ?? new VisitorLimitOptions();
        services.AddSingleton(overrides).AddSingleton<VisitorLimits>().AddClaimKind(_ => new MessageLimit(overrides));
        foreach (var clock in VisitorClocks.All)
        {
            services.AddTokenClock(clock);
        }
        services
            .AddJob<AnswerWatch>(AnswerWatch.Kind, maxAttempts: 1000, title: "Answer a visitor")
            .AddJob<WakeConversation>(WakeConversation.Kind, title: "Reopen a snoozed conversation")
            .AddJob<ExpireConversations>(ExpireConversations.Kind, title: "End old conversations");
        services.AddSingleton(
            new NavEntry("Inbox", "/inbox", 10, Access.Viewer)
            {
                CountTopic = "inbox",
                Count = async (ctx, ct) => (int)(await ConversationList.CountsAsync(ctx, ct)).GetValueOrDefault("open"),
            }
        );
        services.AddSingleton(new NavEntry("Widget", "/widget", 50, Access.Agent));
        services.AddSingleton<PaletteSource>(PaletteAsync);
        foreach (var (keys, does) in Shortcuts)
        {
            services.AddSingleton(new Shortcut("Inbox", keys, does));
        }
        services.AddAuthentication().AddScheme<AuthenticationSchemeOptions, VisitorAuthentication>(VisitorAuthentication.SchemeName, null);
        return services;
    }

    private static readonly (string Keys, string Does)[] Shortcuts =
    [
        ("Alt+J", "Next conversation"),
        ("Alt+K", "Previous conversation"),
        ("Alt+E", "Resolve"),
        ("Alt+L", "Reply"),
        ("Alt+P", "Private note"),
        ("Ctrl+Enter", "Send"),
    ];

    private static async Task<IReadOnlyList<PaletteItem>> PaletteAsync(WorkspaceContext ctx, string typed, CancellationToken ct)
    {
        var page = await ConversationList.RecentAsync(ctx, typed, ct);
        return [.. page.Select(row => new PaletteItem(row.Visitor, row.Preview, $"/inbox/{row.Id}"))];
    }

    /// <summary>Before authentication: preflights carry no token.</summary>
    public static void UseInbox(this IApplicationBuilder app) => app.UseCrossOrigin("/api/widget");

    public static void MapInbox(this IEndpointRouteBuilder app)
    {
        app.MapWidget();
        app.MapWidgetSettings();
        app.MapConversations();
    }
}
