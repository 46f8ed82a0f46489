using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Tenet.Kernel;
using Tenet.Kernel.DataMaps;
using Tenet.Kernel.Http;
using Tenet.Kernel.Policies;
using Tenet.Kernel.Screens;
using Tenet.Kernel.Workspaces;
using Tenet.Privacy.Notices;

namespace Tenet.Privacy.Breaches;

/// <summary>The register of breaches.</summary>
internal static class BreachServices
{
    public static IServiceCollection AddBreaches(this IServiceCollection services)
    {
        services.AddSingleton<BeginPeopleNotice>();
        // What the law demands is not given up because a relay or a database is away for a day.
        services.AddJob<SendPeopleNotice>(SendPeopleNotice.Kind, maxAttempts: 100, title: "Send the notice of a breach to people");
        services.AddSingleton<BreachRegister>().AddSingleton<TellCustomer>();
        services.AddSingleton<PolicyRound>(p => p.GetRequiredService<TellCustomer>().RunAsync);
        services.AddSingleton(p => new OperatorBreaches(
            p.GetRequiredService<SystemScope>(),
            p.GetRequiredService<BreachRegister>(),
            p.GetRequiredService<TellCustomer>(),
            p.GetRequiredService<OperatorOptions>()
        ));
        services.AddClaimKind(_ => new BreachClock());
        services.AddSingleton(
            new NavEntry("Breaches", "/breaches", 89, Access.Admin) { Count = BreachRows.CountOpenAsync, CountTopic = BreachRegister.Topic }
        );
        services.AddLifeClock(
            LifeClock.OfWorkspace(
                "privacy.breaches",
                "privacy.breach",
                "privacy.breach_step",
                "privacy.people_notice",
                "privacy.notice_recipient"
            )
        );
        return services.AddRecords(records =>
            records
                .Add<Breach>()
                .Add<BreachStep>()
                .Add<OperatorBreach>()
                .Add<OperatorBreachStep>()
                .Add<OperatorBreachPart>()
                .Add<PeopleNotice>()
                .Add<NoticeRecipient>()
                .Rule("privacy.breaches", "as long as the workspace is active, for the authority to see")
        );
    }

    public static void MapBreaches(this IEndpointRouteBuilder app) =>
        app.MapGroup("/breaches")
            .InWorkspace(Access.Admin)
            .ForPeopleOnly()
            .ExcludeFromDescription()
            .MapGet("/{id:guid}/report.pdf", ReportAsync);

    private static async Task<FileContentHttpResult> ReportAsync(
        WorkspaceContext ctx,
        Guid id,
        BreachRegister register,
        OperatorOptions options,
        CancellationToken ct
    )
    {
        var breach = await BreachRows.FindAsync(ctx, id, ct);
        var tables = (await register.TablesAsync(ct)).Where(table => breach.Tables.Contains(table.Table)).ToList();
        return TypedResults.File(
            BreachReport.Write(
                breach,
                tables,
                await BreachRows.StepsAsync(ctx, id, ct),
                await PeopleNotice.OfAsync(ctx, id, ct),
                await SenderAsync(ctx, options, ct),
                ctx.Now
            ),
            "application/pdf",
            $"breach-{breach.Number}.pdf"
        );
    }

    /// <summary>Whether a notice can say whom to ask: an owner.</summary>
    public static async Task<bool> HasContactAsync(WorkspaceContext ctx, CancellationToken ct) =>
        (await Responsible.ListAsync(ctx, ct)).Any(member => member.Role == Access.Owner);

    public static async Task<BreachSender> SenderAsync(WorkspaceContext ctx, OperatorOptions options, CancellationToken ct)
    {
        var owner = (await Responsible.ListAsync(ctx, ct)).FirstOrDefault(member => member.Role == Access.Owner);
        return new BreachSender(
            await ctx.ScalarAsync<string>($"select name from kernel.workspace", ct) ?? "",
            owner?.Email ?? options.Mail ?? "[whom to ask]",
            options.DataProtectionOfficer
        );
    }
}
