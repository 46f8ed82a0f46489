using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Shouldly;
using Tenet.Tests.Inbox;
using Tenet.Tests.Support;
using Tenet.Tests.Support.ModelFakes;
using Xunit;

namespace Tenet.Tests.Odoo;

/// <summary>The model's stream, Odoo's answer and the panel's stream break at every place: the turn ends, costs nothing, and nothing of it is left.</summary>
public sealed class CutStreamTests(TestCluster cluster) : IAsyncLifetime
{
    private const string Search = """{"model":"res.partner","domain":[]}""";
    private static readonly string[] Pieces = ["It ", "is ", "Azure ", "Interior ", "[1]", "."];
    private readonly CancellationToken _ct = TestContext.Current.CancellationToken;
    private TestHost _host = null!;
    private FakeOdoo _odoo = null!;
    private OdooTenant _tenant = null!;
    private FakeModelServer _model = null!;
    private string _grant = "";

    public async ValueTask InitializeAsync()
    {
        _host = await cluster.StartHostAsync(settings: options => ChargedTurnTests.Selling(options, welcome: 100));
        _odoo = await FakeOdoo.StartAsync();
        _odoo.Tools["search_records"] = (_, _) =>
            new JsonObject
            {
                ["model"] = "res.partner",
                ["rows"] = new JsonArray(new JsonObject { ["id"] = 7, ["name"] = "Azure Interior" }),
                ["total"] = 1,
                ["restricted"] = false,
            };
        _tenant = await OdooTenant.ConnectAsync(_host, _odoo);
        _model = await _host.UseModelAsync(_tenant.Workspace, FakeReply.Text("."));
        _grant = (await _tenant.GrantAsync(7)).Sid;
    }

    public async ValueTask DisposeAsync()
    {
        await _model.DisposeAsync();
        _tenant.Dispose();
        await _odoo.DisposeAsync();
        await _host.DisposeAsync();
    }

    [Theory]
    [InlineData(FakeEnding.Abort)]
    [InlineData(FakeEnding.EndEarly)]
    [InlineData(FakeEnding.ErrorEvent)]
    [InlineData(FakeEnding.Garbage)]
    public async Task A_models_stream_that_breaks_after_any_piece_is_a_failure_that_costs_nothing(FakeEnding how)
    {
        for (var pieces = 1; pieces <= Pieces.Length; pieces++)
        {
            Answer(new FakeReply { Deltas = [.. Pieces.Take(pieces)], Ending = how });

            var turn = await _tenant.AskAsync(7, _grant, "Who?");

            turn.Last.ShouldBe("error", turn.Body);
            turn.LastData["code"]!.GetValue<string>().ShouldBe("model_failed");
        }
        await NothingIsChargedAsync("failed");
    }

    [Theory]
    [InlineData(FakeEnding.Abort)]
    [InlineData(FakeEnding.EndEarly)]
    public async Task A_models_wish_that_breaks_off_is_not_carried_out(FakeEnding how)
    {
        for (var length = 0; length < Search.Length; length += 4)
        {
            _model.Choose = _ => FakeReply.Call("search_records", Search[..length]) with { Ending = how };

            var turn = await _tenant.AskAsync(7, _grant, "Who?");

            turn.Last.ShouldBe("error", turn.Body);
        }
        _odoo.Calls.ShouldBeEmpty();
        await NothingIsChargedAsync("failed");
    }

    [Fact]
    public async Task An_answer_of_Odoo_that_breaks_after_any_byte_is_a_failure_that_costs_nothing()
    {
        Answer(new FakeReply { Deltas = [.. Pieces] });
        _odoo.Mood = OdooMood.Cut;
        string? last = null;
        for (_odoo.CutAfter = 0; last is not "done"; _odoo.CutAfter += 23)
        {
            var turn = await _tenant.AskAsync(7, _grant, "Who?");
            last = turn.Last;
            if (last == "error")
            {
                turn.LastData["code"]!.GetValue<string>().ShouldBe("odoo_unreachable");
                turn.Text.ShouldBeEmpty();
            }
        }

        _odoo.CutAfter.ShouldBeGreaterThan(10 * 23);
        // The whole one at the end.
        await NothingIsChargedAsync("answered failed", charged: 1);
    }

    [Fact]
    public async Task A_panel_that_goes_away_after_any_line_ends_the_turn_which_costs_nothing()
    {
        var slow = new FakeReply { Deltas = [.. Pieces], Gap = TimeSpan.FromMilliseconds(60) };
        Answer(slow);
        // How many lines a whole answer has; then one that is cut after each of them.
        (await CutAsync(int.MaxValue)).ShouldBeGreaterThan(15);

        await Task.WhenAll(Enumerable.Range(1, 14).Select(CutAsync));

        await _host.WaitUntilAsync(
            "select not exists (select from odoo.turn where workspace_id = $1 and state = 'running')",
            _tenant.Workspace.Id
        );
        var charged = await _host.AsOwnerAsync<long>(
            "select count(*) from odoo.turn where workspace_id = $1 and state = 'answered'",
            _tenant.Workspace.Id
        );
        charged.ShouldBeLessThan(8);
        await NothingIsChargedAsync("answered cut", charged);
    }

    private void Answer(FakeReply reply) =>
        _model.Choose = request =>
            request.Body.Contains("\"role\":\"tool\"", StringComparison.Ordinal) ? reply : FakeReply.Call("search_records", Search);

    private async Task NothingIsChargedAsync(string states, long charged = 0)
    {
        (
            await _host.AsOwnerAsync<string>(
                "select string_agg(distinct state, ' ' order by state) from odoo.turn where workspace_id = $1",
                _tenant.Workspace.Id
            )
        ).ShouldBe(states);
        (
            await _host.AsOwnerAsync<string>(
                """
                select concat_ws(' ', (select count(*) from billing.transaction where workspace_id = $1 and kind = 'settled'),
                  (select balance from billing.entry where workspace_id = $1 and account = 'held' order by number desc limit 1))
                """,
                _tenant.Workspace.Id
            )
        ).ShouldBe($"{charged} 0");
    }

    /// <summary>Reads so many lines of a turn and hangs up.</summary>
    private async Task<int> CutAsync(int lines)
    {
        // Hangs up at once: left to itself the client reads the rest.
        using var client = new HttpClient(new SocketsHttpHandler { ResponseDrainTimeout = TimeSpan.Zero }) { BaseAddress = _host.Address };
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/copilot/turns")
        {
            Content = JsonContent.Create(new { session = Guid.NewGuid(), message = "Who?" }),
        };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", _tenant.Token(7, _grant));
        using var answer = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, _ct);
        using var reader = new StreamReader(await answer.Content.ReadAsStreamAsync(_ct));
        var read = 0;
        while (read < lines && await reader.ReadLineAsync(_ct) is not null)
        {
            read++;
        }
        return read;
    }
}
