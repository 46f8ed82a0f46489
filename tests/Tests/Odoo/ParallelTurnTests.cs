using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Shouldly;
using Tenet.Tests.Inbox;
using Tenet.Tests.Support;
using Tenet.Tests.Support.ModelFakes;
using Xunit;

namespace Tenet.Tests.Odoo;

/// <summary>
/// Two users of one tenant and a user of another, who has the same number, ask the same question at once, thousands of times. Each Odoo answers each
/// user with a mark of their own; no mark may reach anybody else, nor a model of another tenant.
/// </summary>
public sealed partial class ParallelTurnTests(TestCluster cluster)
{
    private const int AtOnce = 32;
    private static readonly int Turns = Nightly.Times(300, 10_000);

    [Fact]
    public async Task No_answer_title_token_or_tool_result_crosses()
    {
        await using var host = await cluster.StartHostAsync();
        await using var odooA = await MarkingAsync("a");
        await using var odooB = await MarkingAsync("b");
        using var tenantA = await OdooTenant.ConnectAsync(host, odooA);
        using var tenantB = await OdooTenant.ConnectAsync(host, odooB);
        await using var modelA = await host.UseModelAsync(tenantA.Workspace, FakeReply.Text("."));
        await using var modelB = await host.UseModelAsync(tenantB.Workspace, FakeReply.Text("."));
        var strangers = 0;
        Answer(modelA, 'a', () => Interlocked.Increment(ref strangers));
        Answer(modelB, 'b', () => Interlocked.Increment(ref strangers));
        var askers = new[]
        {
            (Mark: "a6", Tenant: tenantA, Uid: 6, Grant: (await tenantA.GrantAsync(6)).Sid),
            (Mark: "a7", Tenant: tenantA, Uid: 7, Grant: (await tenantA.GrantAsync(7)).Sid),
            (Mark: "b7", Tenant: tenantB, Uid: 7, Grant: (await tenantB.GrantAsync(7)).Sid),
        };
        var crossed = new System.Collections.Concurrent.ConcurrentQueue<string>();

        await Parallel.ForAsync(
            0,
            Turns,
            new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = TestContext.Current.CancellationToken },
            async (n, ct) =>
            {
                var asker = askers[n % askers.Length];
                using var answer = await asker.Tenant.SendAsync(
                    HttpMethod.Post,
                    "/api/copilot/turns",
                    asker.Tenant.Token(asker.Uid, asker.Grant),
                    new { session = Guid.NewGuid(), message = "Who is our best customer?" }
                );
                var turn = await PanelTurn.ReadAsync(answer, ct);
                var marks = Mark().Matches(turn.Body).Select(match => match.Groups["who"].Value).ToHashSet(StringComparer.Ordinal);
                if (
                    turn.Events.Count == 0
                    || turn.Last != "done"
                    || !marks.SetEquals([asker.Mark])
                    || !turn.Text.Contains($"m-{asker.Mark}-", StringComparison.Ordinal)
                )
                {
                    crossed.Enqueue($"{asker.Mark}: {turn.Status} {string.Join(' ', marks)}");
                }
            }
        );

        crossed.ShouldBeEmpty();
        strangers.ShouldBe(0);
        odooA.Calls.Select(call => call.Uid).Distinct().Order().ShouldBe([6, 7]);
        odooB.Calls.Select(call => call.Uid).Distinct().ShouldBe([7]);
        (odooA.Calls.Count + odooB.Calls.Count).ShouldBe(Turns);
        (
            await host.AsOwnerAsync<long>(
                "select count(*) from odoo.turn t join odoo.session s on s.workspace_id = t.workspace_id and s.id = t.session_id where t.uid <> s.uid"
            )
        ).ShouldBe(0);
        (await host.AsOwnerAsync<long>("select count(*) from odoo.turn where state = 'answered'")).ShouldBe(Turns);
    }

    /// <summary>Says whose it is: the number is the one in the token that came.</summary>
    private static async Task<FakeOdoo> MarkingAsync(string name)
    {
        var odoo = await FakeOdoo.StartAsync();
        var made = 0;
        odoo.Tools["search_records"] = (uid, _) =>
            new JsonObject
            {
                ["model"] = "res.partner",
                ["rows"] = new JsonArray(new JsonObject { ["id"] = uid, ["name"] = $"m-{name}{uid}-{Interlocked.Increment(ref made)}" }),
                ["total"] = 1,
                ["restricted"] = false,
            };
        return odoo;
    }

    /// <summary>Calls the tool, then says what it found.</summary>
    private static void Answer(FakeModelServer model, char own, Action stranger)
    {
        model.Records = false;
        model.Choose = request =>
        {
            var found = Mark().Matches(request.Body);
            if (found.Any(mark => mark.Groups["who"].Value[0] != own))
            {
                stranger();
            }
            return found.Count == 0
                ? FakeReply.Call("search_records", """{"model":"res.partner","domain":[]}""")
                : FakeReply.Text("It is ", found[^1].Value, " [1].");
        };
    }

    [GeneratedRegex(@"m-(?<who>[ab]\d)-\d+", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Mark();
}
