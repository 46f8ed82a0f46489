using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Tenet.Kernel.Http;
using Tenet.Kernel.Http.Limits;
using Tenet.Kernel.Workspaces;
using Tenet.Tests.Support;
using Xunit;

namespace Tenet.Tests.Guards;

public sealed class HttpGuardTests(TestCluster cluster)
{
    private IReadOnlyList<Endpoint> Endpoints => cluster.Host.Services.GetRequiredService<EndpointDataSource>().Endpoints;

    [Fact]
    public void Every_endpoint_has_a_limit() => HttpGuard.Unlimited(Endpoints).ShouldBeEmpty();

    [Fact]
    public void Posts_that_take_no_key_are_the_reviewed_ones() =>
        Repository.CompareWithReviewed(HttpGuard.WithoutKeys(Endpoints), Repository.ReviewedList("posts-without-keys.txt")).ShouldBeEmpty();

    [Fact]
    public void Posts_outside_the_door_say_why_they_may_run_again() => HttpGuard.Unexplained(Endpoints).ShouldBeEmpty();

    [Fact]
    [Trait("Seeded", "an endpoint without a limit")]
    [Trait("Seeded", "a POST that acts twice")]
    public void An_endpoint_without_limit_and_posts_that_would_act_twice_are_found()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Services.AddAuthorization();
        using var app = builder.Build();
        app.MapGet("/unlimited", () => "");
        app.MapPost("/twice", () => "").LimitedBy(RateGroup.Open);
        var group = app.MapGroup("/api").InWorkspace(Access.Owner);
        group.MapPost("/inside", (WorkspaceContext ctx) => ctx.WorkspaceId);
        group.MapPost("/outside", (HttpContext http) => http.TraceIdentifier);
        group.MapPost("/explained", (HttpContext http) => http.TraceIdentifier).RunsAgain("it only reads");
        var endpoints = ((IEndpointRouteBuilder)app).DataSources.SelectMany(source => source.Endpoints).ToList();

        HttpGuard.Unlimited(endpoints).ShouldBe(["GET /unlimited"]);
        HttpGuard.WithoutKeys(endpoints).ShouldBe(["POST /twice"]);
        HttpGuard.Unexplained(endpoints).ShouldBe(["POST /api/outside"]);
    }
}
