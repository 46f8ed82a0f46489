using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Tenet.Kernel;
using Tenet.Kernel.DataMaps;
using Tenet.Kernel.Http;
using Tenet.Kernel.Policies;
using Tenet.Kernel.Screens;
using Tenet.Kernel.Subjects;

namespace Tenet.Privacy.Requests;

/// <summary>Requests of persons: from the public form or the API to the answer.</summary>
internal static class RequestServices
{
    /// <summary>One that was never confirmed names an address that may be anybody's: it goes sooner than the others.</summary>
    private const string Unconfirmed = "verified_at is null and closed_at is null and source <> 'email' and received_at";

    public static IServiceCollection AddRequests(this IServiceCollection services)
    {
        services.AddDb<PrivacyDb>(options => new PrivacyDb(options));
        services.AddSingleton<RequestClocks>().AddSingleton<RequestLetters>().AddSingleton<RequestPersons>();
        services
            .AddSingleton<SubmitRequest>()
            .AddSingleton<ReviewsOfAnswers>(ReviewedAnswers.OfTurnsAsync)
            .AddSingleton<AskForReview>(p =>
                (ctx, wish, ct) =>
                    ReviewedAnswers.AskAsync(ctx, p.GetRequiredService<FindAnswer>(), p.GetRequiredService<SubmitRequest>(), wish, ct)
            )
            .AddSingleton<AnswerLink>()
            .AddSingleton<AnswerRequest>()
            .AddSingleton<CloseErased>()
            .AddSingleton<ResumeErased>();
        services.AddSingleton<RequestReception>().AddSingleton<RectifyPerson>();
        services.AddLifeClock(LifeClock.OfWorkspace(Rectification.Rule, "privacy.rectification"));
        services.AddClaimKind(_ => new ResponseClock());
        services.AddClaimKind(p => new RightsApi(p.GetRequiredService<OwnHost>()));
        services.AddRetentionClock(
            new RetentionClock(
                PrivacyRequest.Rule,
                "after they were closed",
                look =>
                    $"select count(*) from (select from privacy.request where closed_at < {look.Before} or ({Kernel.Workspaces.Sql.Constant(Unconfirmed)} < {look.Now.AddDays(-30) - look.Grace}) limit 1000) late"
            )
            {
                Title = "Requests of persons",
                Ends = new(
                    "privacy.request",
                    before => $"closed_at < {before} or ({Kernel.Workspaces.Sql.Constant(Unconfirmed)} < now() - interval '30 days')"
                ),
                Least = Period.Parse("24 months"),
            }
        );
        services.AddSingleton(
            new NavEntry("Privacy", "/rights", 86, Access.Admin) { Count = RequestBoard.CountOpenAsync, CountTopic = PrivacyRequest.Topic }
        );
        return services.AddRecords(records =>
            records
                .Add<PrivacyRequest>()
                .Add<RequestEvent>()
                .Add<Rectification>()
                .Rule(Rectification.Rule, "until the person is erased")
                .Rule(PrivacyRequest.Rule, "as long as the policy says after they were closed; a shorter time when nobody confirmed them")
        );
    }

    public static void MapRequests(this IEndpointRouteBuilder app)
    {
        app.MapIntake();
        app.MapRequestForms();
        app.MapStaffRequests();
    }
}
