using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.Playwright;
using Shouldly;
using Tenet.Odoo;
using Tenet.Tests.Browser;
using Tenet.Tests.Inbox;
using Tenet.Tests.Support;
using Tenet.Tests.Support.ModelFakes;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace Tenet.Tests.Odoo;

/// <summary>The operator's switch for the whole installation: <c>Copilot__Off</c>.</summary>
public sealed class CopilotOffTests(TestCluster cluster, Chromium chromium)
{
    private const string Change = """{"model":"res.partner","ids":[7],"values":{"phone":"+49 30 2"}}""";

    [Fact]
    public async Task An_installation_without_a_copilot_asks_no_model_writes_nothing_and_says_so()
    {
        await using var on = await cluster.StartHostAsync(background: false);
        await using var odoo = await FakeOdoo.StartAsync();
        var writes = new FakeWrites(odoo);
        using var tenant = await OdooTenant.ConnectAsync(on, odoo);
        await using var model = await on.UseModelAsync(tenant.Workspace, FakeReply.Text("Please look."));
        model.Then(FakeReply.Call("update_record", Change));
        var grant = (await tenant.GrantAsync(7)).Sid;
        var card = (await tenant.AskAsync(7, grant, "Change it")).All("approval").ShouldHaveSingleItem();
        var asked = model.Requests.Count;
        await using var off = await TestHost.StartAsync(
            on.AdminConnectionString,
            cluster.MasterKeyFile,
            adjust: null,
            background: false,
            settings: options => options with { Copilot = new CopilotOptions(Off: true) }
        );
        using var client = off.Client();

        (await SendAsync(HttpMethod.Post, "turns", new { session = Guid.NewGuid(), message = "Hello" }))["code"]!
            .GetValue<string>()
            .ShouldBe("switched_off");
        (await SendAsync(HttpMethod.Post, $"approvals/{card["id"]}", Decision(card)))["code"]!.GetValue<string>().ShouldBe("switched_off");
        var settings = await SendAsync(HttpMethod.Get, "settings", null);
        settings["enabled"]!.GetValue<bool>().ShouldBeFalse();
        settings["writes"]!.GetValue<bool>().ShouldBeFalse();
        writes.Writes.ShouldBe(0);
        model.Requests.Count.ShouldBe(asked);
        await using var admin = await chromium.OpenAsync(off);
        await admin.SignInAsync(tenant.Workspace, "admin");
        await admin.GoToConsoleAsync("/odoo");
        await Expect(admin.Page.GetByRole(AriaRole.Heading, new() { Name = "Stopped by the operator" })).ToBeVisibleAsync();

        async Task<JsonNode> SendAsync(HttpMethod method, string path, object? body)
        {
            using var request = new HttpRequestMessage(method, "/api/copilot/" + path);
            request.Headers.Authorization = new("Bearer", tenant.Token(7, grant, claims => claims["aud"] = Origin(off)));
            request.Content = body is null ? null : JsonContent.Create(body, body.GetType());
            using var answer = await client.SendAsync(request, TestContext.Current.CancellationToken);
            return JsonNode.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!;
        }
    }

    [Fact]
    public void It_is_read_from_the_configuration_and_off_when_nothing_is_said()
    {
        var folder = Directory.CreateTempSubdirectory("tenet-off-");
        try
        {
            TenetOptions.FromConfiguration(folder.FullName).Copilot.Off.ShouldBeFalse();
            File.WriteAllText(Path.Combine(folder.FullName, "tenet.json"), """{"Copilot":{"Off":true}}""");
            TenetOptions.FromConfiguration(folder.FullName).Copilot.Off.ShouldBeTrue();
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static string Origin(TestHost host) => host.Address.GetLeftPart(UriPartial.Authority);

    private static object Decision(JsonNode card) =>
        new
        {
            decision = "approve",
            hash = card["hash"]!.GetValue<string>(),
            ticket = card["ticket"]!.GetValue<string>(),
        };
}
