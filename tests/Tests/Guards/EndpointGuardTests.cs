using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Tenet.Kernel.Http;
using Tenet.Tests.Support;
using Xunit;

namespace Tenet.Tests.Guards;

public sealed class EndpointGuardTests(TestCluster cluster)
{
    private IReadOnlyList<Endpoint> Endpoints => cluster.Host.Services.GetRequiredService<EndpointDataSource>().Endpoints;

    [Fact]
    public void Every_endpoint_says_who_may_call_it() => EndpointGuard.Undecided(Endpoints).ShouldBeEmpty();

    [Fact]
    public void Endpoints_and_pages_open_to_everybody_are_the_reviewed_ones() =>
        Repository
            .CompareWithReviewed(
                EndpointGuard.Anonymous(Endpoints).Concat(EndpointGuard.OpenPages(Product.Types)),
                Repository.ReviewedList("anonymous-endpoints.txt")
            )
            .ShouldBeEmpty();

    [Fact]
    public void Every_endpoint_of_the_api_says_which_scope_of_a_key_reaches_it() => EndpointGuard.WithoutScope(Endpoints).ShouldBeEmpty();

    [Fact]
    public async Task A_stranger_is_let_into_none_of_the_others()
    {
        using var stranger = cluster.Host.Client();
        var let = new List<string>();
        foreach (var endpoint in Endpoints.OfType<RouteEndpoint>().Where(endpoint => !EndpointGuard.IsAnonymous(endpoint)))
        {
            foreach (var method in endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods ?? ["GET"])
            {
                using var request = new HttpRequestMessage(new HttpMethod(method), Routes.Fill(endpoint.RoutePattern));
                using var response = await stranger.SendAsync(request, TestContext.Current.CancellationToken);
                var refused =
                    response.StatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden
                    || (
                        response.StatusCode is HttpStatusCode.Found
                        && response.Headers.Location!.ToString().Contains("sign-in", StringComparison.Ordinal)
                    );
                if (!refused)
                {
                    let.Add($"{method} {endpoint.RoutePattern.RawText} answered {(int)response.StatusCode}");
                }
            }
        }
        let.ShouldBeEmpty();
    }

    [Fact]
    [Trait("Seeded", "an endpoint without authorisation")]
    [Trait("Seeded", "an endpoint opened to everybody")]
    [Trait("Seeded", "an endpoint that no scope names")]
    [Trait("Seeded", "a page without authorisation")]
    public void A_forgotten_endpoint_and_an_unreviewed_one_are_found()
    {
        using var app = WebApplication.CreateSlimBuilder().Build();
        app.MapGet("/forgotten", () => "secret");
        app.MapPost("/opened", () => "secret").AllowAnonymous();
        app.MapDelete("/kept", () => "secret").RequireAuthorization("owner");
        app.MapGet("/api/unscoped", () => "secret").RequireAuthorization("owner");
        app.MapGet("/api/scoped", () => "secret").RequireAuthorization("owner").WithScope("things:read");
        app.MapGet("/api/for-people", () => "secret").RequireAuthorization("owner").ForPeopleOnly();
        var endpoints = ((IEndpointRouteBuilder)app).DataSources.SelectMany(source => source.Endpoints).ToList();

        EndpointGuard.Undecided(endpoints).ShouldBe(["GET /forgotten"]);
        Repository
            .CompareWithReviewed(EndpointGuard.Anonymous(endpoints), ["GET /closed-long-ago"])
            .ShouldBe(["POST /opened is not on the reviewed list.", "GET /closed-long-ago is on the reviewed list and no longer exists."]);
        EndpointGuard.WithoutScope(endpoints).ShouldBe(["GET /api/unscoped"]);
        EndpointGuard.OpenPages([typeof(OpenPage)]).ShouldBe(["page /open"]);
    }

    [Route("/open")]
    private sealed class OpenPage : ComponentBase;
}
