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
        services.AddSingleton<BreachRegister>();
        services.AddClaimKind(_ => new BreachClock());
        services.AddSingleton(
            new NavEntry("Breaches", "/breaches", 89, Access.Admin) { Count = BreachRows.CountOpenAsync, CountTopic = BreachRegister.Topic }
        );
        services.AddLifeClock(LifeClock.OfWorkspace("privacy.breaches", "privacy.breach", "privacy.breach_step"));
        return services.AddRecords(records =>
            records.Add<Breach>().Add<BreachStep>().Rule("privacy.breaches", "as long as the workspace is active, for the authority to see")
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
            BreachReport.Write(breach, tables, await BreachRows.StepsAsync(ctx, id, ct), await SenderAsync(ctx, options, ct), ctx.Now),
            "application/pdf",
            $"breach-{breach.Number}.pdf"
        );
    }

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
