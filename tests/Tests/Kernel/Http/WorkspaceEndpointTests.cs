using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Shouldly;
using Tenet.Kernel.Http;
using Tenet.Kernel.Workspaces;
using Tenet.Tests.Support;
using Xunit;

namespace Tenet.Tests.Kernel.Http;

public sealed class WorkspaceEndpointTests(TestCluster cluster) : IAsyncLifetime
{
    private readonly CancellationToken _ct = TestContext.Current.CancellationToken;
    private KernelApp _app = null!;
    private Workspace _workspace = null!;

    public async ValueTask InitializeAsync()
    {
        _app = await KernelApp.StartAsync(
            cluster,
            await cluster.CreateDatabaseAsync(),
            map: Map,
            options: kernel => kernel with { Database = kernel.Database with { MaxPoolSize = 1 }, Background = false }
        );
        _workspace = await _app.OpenWorkspaceAsync();
    }

    [Fact]
    public async Task What_a_handler_did_is_committed_before_its_answer_is_read()
    {
        using var client = _app.Client(_workspace.Id);

        (await client.PostAsync("/lab/ok", null, _ct)).StatusCode.ShouldBe(HttpStatusCode.OK);

        (await JobsAsync()).ShouldBe(1);
    }

    [Theory]
    [InlineData("/lab/conflict", 409)]
    [InlineData("/lab/missing", 404)]
    [InlineData("/lab/rule", 422)]
    [InlineData("/lab/fault", 500)]
    public async Task What_a_handler_did_before_it_refused_is_undone(string path, int status)
    {
        using var client = _app.Client(_workspace.Id);

        using var answer = await client.PostAsync(path, null, _ct);

        ((int)answer.StatusCode).ShouldBe(status);
        answer.Content.Headers.ContentType!.MediaType.ShouldBe("application/problem+json");
        (await answer.Content.ReadAsStringAsync(_ct)).ShouldNotContain("a secret of somebody");
        (await JobsAsync()).ShouldBe(0);
    }

    [Fact]
    public async Task A_body_that_comes_slowly_holds_no_connection()
    {
        using var slow = new TcpClient();
        await slow.ConnectAsync(_app.Address.Host, _app.Address.Port, _ct);
        await slow.GetStream()
            .WriteAsync(
                Encoding.ASCII.GetBytes(
                    $"POST /lab/named HTTP/1.1\r\nHost: {_app.Address.Authority}\r\nWorkspace: {_workspace.Id}\r\nContent-Type: application/json\r\nContent-Length: 12\r\n\r\n{{\"na"
                ),
                _ct
            );
        using var client = _app.Client(_workspace.Id);

        // There is one connection for all of them.
        for (var n = 0; n < 5; n++)
        {
            (await client.PostAsync("/lab/ok", null, _ct)).StatusCode.ShouldBe(HttpStatusCode.OK);
        }

        await slow.GetStream().WriteAsync("me\":\"x\"}"u8.ToArray(), _ct);
        using var reader = new StreamReader(slow.GetStream());
        (await reader.ReadLineAsync(_ct)).ShouldBe("HTTP/1.1 200 OK");
    }

    [Fact]
    public async Task A_stranger_is_refused_before_anything_is_opened()
    {
        using var client = _app.Client();
        (await client.PostAsync("/lab/ok", null, _ct)).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Theory]
    [InlineData("""{"name":"x","other":1}""", 400, "other")]
    [InlineData("""{"name":{"deep":1}}""", 400, "name")]
    [InlineData("""{"name":"x","count":"many"}""", 400, "count")]
    [InlineData("""{"name":"\ud800"}""", 400, "name")]
    [InlineData("""{"name":"x""", 400, "name")]
    [InlineData("not json", 400, "body")]
    [InlineData("[]", 400, "body")]
    [InlineData("""{"name":"a\u0000b"}""", 422, "name")]
    [InlineData("""{"name":""}""", 422, "name")]
    public async Task A_body_that_cannot_be_taken_is_answered_with_the_field_that_is_wrong(string body, int status, string field)
    {
        using var client = _app.Client(_workspace.Id);

        using var answer = await client.PostAsync("/lab/named", new StringContent(body, Encoding.UTF8, "application/json"), _ct);

        ((int)answer.StatusCode).ShouldBe(status);
        var problem = await answer.Content.ReadFromJsonAsync<HttpValidationProblemDetails>(_ct);
        problem!.Errors.Keys.ShouldBe([field]);
    }

    [Fact]
    public async Task A_body_beyond_the_limit_is_said_to_be_too_large()
    {
        using var client = _app.Client(_workspace.Id);
        using var answer = await client.PostAsync(
            "/lab/small",
            new StringContent("\"" + new string('x', 5000) + "\"", Encoding.UTF8, "application/json"),
            _ct
        );
        answer.StatusCode.ShouldBe(HttpStatusCode.RequestEntityTooLarge);
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private Task<long> JobsAsync() =>
        _app.Door.RunAsync(_workspace.Id, Actor.System, ctx => ctx.ScalarAsync<long>($"select count(*) from kernel.job", _ct), _ct);

    private sealed record Named(string Name, int Count = 0);

    private static void Map(IEndpointRouteBuilder app)
    {
        var lab = app.MapGroup("/lab").InWorkspace(Access.Viewer);
        lab.MapPost(
            "/ok",
            async Task<Results<Ok<string>, NotFound>> (WorkspaceContext ctx) =>
            {
                await WriteAsync(ctx);
                return TypedResults.Ok("done");
            }
        );
        lab.MapPost(
            "/conflict",
            async Task<Results<Ok<string>, Conflict>> (WorkspaceContext ctx) =>
            {
                await WriteAsync(ctx);
                return TypedResults.Conflict();
            }
        );
        lab.MapPost(
            "/missing",
            async Task<Ok> (WorkspaceContext ctx) =>
            {
                await WriteAsync(ctx);
                throw new NotFoundException("thing");
            }
        );
        lab.MapPost(
            "/rule",
            async Task<Ok> (WorkspaceContext ctx) =>
            {
                await WriteAsync(ctx);
                throw new RuleException("name", "Another one, please.");
            }
        );
        lab.MapPost(
            "/fault",
            async Task<Ok> (WorkspaceContext ctx) =>
            {
                await WriteAsync(ctx);
                throw new InvalidOperationException("a secret of somebody");
            }
        );
        lab.MapPost(
            "/named",
            (WorkspaceContext ctx, Named named) =>
            {
                var validation = new Validation();
                validation.Text("name", named.Name, 100);
                validation.Throw();
                return TypedResults.Ok();
            }
        );
        lab.MapPost("/small", (WorkspaceContext ctx, [Microsoft.AspNetCore.Mvc.FromBody] string text) => TypedResults.Ok())
            .WithMetadata(new Microsoft.AspNetCore.Mvc.RequestSizeLimitAttribute(1000));
    }

    private static Task WriteAsync(WorkspaceContext ctx) =>
        ctx.ExecuteAsync(
            $"insert into kernel.job (id, kind, subject_id) values ({Guid.CreateVersion7()}, {"test.never"}, {ctx.WorkspaceId})",
            CancellationToken.None
        );
}
