using System.Text.Json.Nodes;
using Shouldly;
using Tenet.Tests.Inbox;
using Tenet.Tests.Support;
using Tenet.Tests.Support.ModelFakes;
using Xunit;

namespace Tenet.Tests.Odoo;

/// <summary>What goes to the providers of models: under whose key, and with which word against keeping it.</summary>
public sealed class ProviderWireTests(TestCluster cluster)
{
    [Theory]
    [InlineData("openai", true)]
    [InlineData("anthropic", false)]
    [InlineData("gemini", false)]
    [InlineData("grok", false)]
    [InlineData("compatible", false)]
    public async Task OpenAI_is_told_to_store_nothing_and_the_others_have_no_such_field(string provider, bool says)
    {
        await using var odoo = await FakeOdoo.StartAsync();
        using var tenant = await OdooTenant.ConnectAsync(cluster.Host, odoo);
        await using var model = await cluster.Host.UseModelAsync(tenant.Workspace, FakeReply.Text("Fine."), provider, "k-of-" + provider);
        var grant = await tenant.GrantAsync(7);

        var turn = await tenant.AskAsync(7, grant.Sid, "Hello");

        turn.Last.ShouldBe("done", turn.Body);
        var request = model.Requests[^1];
        request.Key.ShouldBe("k-of-" + provider);
        var store = JsonNode.Parse(request.Body)!["store"];
        (store is not null).ShouldBe(says);
        (store?.GetValue<bool>() ?? false).ShouldBeFalse();
    }

    [Fact]
    public async Task Each_tenants_questions_go_under_its_own_key_which_lies_sealed()
    {
        await using var odoo = await FakeOdoo.StartAsync();
        using var one = await OdooTenant.ConnectAsync(cluster.Host, odoo);
        await using var second = await FakeOdoo.StartAsync();
        using var other = await OdooTenant.ConnectAsync(cluster.Host, second);
        await using var model = await cluster.Host.UseModelAsync(one.Workspace, FakeReply.Text("Fine."), key: "k-one-secret");
        await using var otherModel = await cluster.Host.UseModelAsync(other.Workspace, FakeReply.Text("Fine."), key: "k-other-secret");
        var (grant, otherGrant) = (await one.GrantAsync(7), await other.GrantAsync(7));

        await Task.WhenAll(
            Enumerable
                .Range(0, 10)
                .SelectMany(_ => new[] { one.AskAsync(7, grant.Sid, "Hello"), other.AskAsync(7, otherGrant.Sid, "Hello") })
        );

        model.Requests.ShouldAllBe(request => request.Key == "k-one-secret");
        otherModel.Requests.ShouldAllBe(request => request.Key == "k-other-secret");
        foreach (var workspace in new[] { one.Workspace, other.Workspace })
        {
            var row = await cluster.Host.AsOwnerAsync<string>(
                "select s::text || encode(s.key, 'escape') from assistant.settings s where workspace_id = $1",
                workspace.Id
            );
            row.ShouldNotBeNull().ShouldNotContain("-secret");
        }
    }
}
