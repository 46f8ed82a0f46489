using Shouldly;
using Tenet.Kernel.Workspaces;
using Tenet.Odoo.Turns;
using Tenet.Odoo.Usage;
using Tenet.Tests.Inbox;
using Tenet.Tests.Support;
using Tenet.Tests.Support.ModelFakes;
using Xunit;

namespace Tenet.Tests.Odoo;

public sealed class UsageTests(TestCluster cluster)
{
    private readonly CancellationToken _ct = TestContext.Current.CancellationToken;

    [Fact]
    public async Task Turns_are_counted_by_day_user_provider_and_model()
    {
        var host = cluster.Host;
        await using var odoo = await FakeOdoo.StartAsync();
        using var tenant = await OdooTenant.ConnectAsync(host, odoo);
        await using var model = await host.UseModelAsync(tenant.Workspace, FakeReply.Text("Fine."), "openai");
        var (one, two) = ((await tenant.GrantAsync(7)).Sid, (await tenant.GrantAsync(8)).Sid);
        await tenant.AskAsync(7, one, "Hello");
        await tenant.AskAsync(7, one, "Hello");
        await using var other = await host.UseModelAsync(tenant.Workspace, FakeReply.Text("Fine."), "anthropic");
        var third = await tenant.AskAsync(8, two, "Hello");
        third.Last.ShouldBe("done", third.Body);
        // From before models were counted.
        await host.AsOwnerAsync<int>(
            "update odoo.turn set model = null where workspace_id = $1 and uid = 8 returning 1",
            tenant.Workspace.Id
        );

        var sheet = await host.Door.RunAsync(tenant.Workspace.Id, Actor.System, ctx => UsageSheet.ReadAsync(ctx, _ct), _ct);

        sheet.Turns.ShouldBe(3);
        sheet.Users.Select(row => (row.Name, row.Turns)).ShouldBe([("7", 2), ("8", 1)]);
        sheet.Providers.Select(row => (row.Name, row.Turns)).ShouldBe([("openai", 2), ("anthropic", 1)]);
        sheet.Models.Select(row => (row.Name, row.Turns)).ShouldBe([("fake", 2), ("", 1)]);
        using var admin = await host.SignInAsync(tenant.Workspace, "admin");
        var lines = (await admin.GetStringAsync("/odoo/usage.csv", _ct)).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        lines[0].ShouldBe("day,user,provider,model,turns,answered,charged,tokens_in,tokens_out");
        lines.Length.ShouldBe(3);
        lines[1].ShouldContain(",7,openai,fake,2,2,0,");
        lines[2].ShouldContain(",8,anthropic,,1,1,0,");
    }

    [Theory]
    [InlineData("gpt-5.2")]
    [InlineData("meta-llama/Llama-3.1-8B-Instruct")]
    [InlineData("qwen3:4b")]
    public void A_models_name_is_counted(string name) => TurnMeter.PlainName(name).ShouldBe(name);

    [Theory]
    [InlineData("")]
    [InlineData("a b")]
    [InlineData("a\n")]
    [InlineData("anna@example.test")]
    [InlineData("=1+1")]
    [InlineData("a,b")]
    public void What_is_no_plain_name_is_not_kept(string name) => TurnMeter.PlainName(name).ShouldBeNull();
}
