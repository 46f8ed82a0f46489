using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using Shouldly;
using Tenet.Inbox.Widget;
using Tenet.Kernel.Workspaces;
using Tenet.Tests.Inbox;
using Tenet.Tests.Support;
using Tenet.Tests.Support.ModelFakes;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace Tenet.Tests.Browser;

public sealed class WidgetTests(TestCluster cluster, Chromium chromium)
{
    private readonly TestHost _host = cluster.Host;

    [Fact]
    public async Task A_question_is_answered_with_badges_that_lead_to_the_right_heading()
    {
        var shop = await (await Shop.OpenAsync(_host)).CrawledAsync(TestContext.Current.CancellationToken);
        await using var tab = await chromium.OpenAsync(_host);
        var visit = await shop.VisitAsync(tab, "/demo/");

        await visit.AskAsync("Can I exchange my jacket for another size?");

        var badge = visit.Answers.Locator(".md a.badge").First;
        var address = new Uri((await badge.EvaluateAsync<string>("badge => badge.href"))!);
        address.AbsolutePath.ShouldBe("/demo/returns");
        address.Fragment.ShouldBe("#exchange");
        await badge.ClickAsync();
        await tab.Page.WaitForURLAsync(address.AbsoluteUri);
        await Expect(tab.Page.Locator(address.Fragment)).ToHaveTextAsync("Exchanging an item");
        await Expect(tab.Page.Locator(address.Fragment)).ToBeInViewportAsync();
        // The chat goes along, with what was said.
        await Expect(visit.Answers).ToHaveCountAsync(1);
        tab.ShouldBeQuiet();
    }

    [Fact]
    public async Task An_answer_shows_what_is_being_done_and_then_grows()
    {
        var shop = await Shop.OpenAsync(_host);
        var reply = FakeReply.Text("You can ", "exchange it ", "within 30 days.") with
        {
            Delay = TimeSpan.FromSeconds(1),
            Gap = TimeSpan.FromSeconds(1),
        };
        await using var model = await _host.UseModelAsync(shop.Workspace, reply);
        await using var tab = await chromium.OpenAsync(_host);
        var visit = await shop.VisitAsync(tab);
        await visit.OpenAsync();

        await visit.SayAsync("Can I exchange it?");

        await Expect(visit.Tail.GetByRole(AriaRole.Status)).ToBeVisibleAsync();
        await Expect(visit.Tail.Locator(".item.assistant")).ToContainTextAsync("You can");
        await Expect(visit.Answers).ToContainTextAsync("You can exchange it within 30 days.");
        await Expect(visit.Tail.Locator(".item.assistant")).ToBeHiddenAsync();
        tab.ShouldBeQuiet();
    }

    [Fact]
    public async Task A_reload_in_the_middle_of_an_answer_loses_nothing_and_doubles_nothing()
    {
        var shop = await Shop.OpenAsync(_host);
        var reply = FakeReply.Text("First half, ", "second half, ", "and ", "the end.") with { Gap = TimeSpan.FromSeconds(1.5) };
        await using var model = await _host.UseModelAsync(shop.Workspace, reply);
        await using var tab = await chromium.OpenAsync(_host);
        var visit = await shop.VisitAsync(tab);
        await visit.OpenAsync();
        await visit.SayAsync("Tell me all of it");
        await Expect(visit.Tail).ToContainTextAsync("First half");

        await tab.Page.ReloadAsync();

        await Expect(visit.Answers).ToContainTextAsync("First half, second half, and the end.");
        await Expect(visit.Answers).ToHaveCountAsync(1);
        await Expect(visit.Own).ToHaveCountAsync(1);
        model.Requests.Count.ShouldBe(1);
    }

    [Fact]
    public async Task The_keyboard_alone_does_it()
    {
        var shop = await Shop.OpenAsync(_host);
        await using var tab = await chromium.OpenAsync(_host);
        var visit = await shop.VisitAsync(tab);
        var keyboard = tab.Page.Keyboard;
        await Expect(visit.Launcher).ToBeVisibleAsync();
        // Backwards from the start of the page: the launcher is its last stop.
        await keyboard.PressAsync("Shift+Tab");
        await Expect(visit.Launcher).ToBeFocusedAsync();

        await keyboard.PressAsync("Enter");
        await Expect(visit.Field).ToBeFocusedAsync();
        await keyboard.TypeAsync("Is anybody there?");
        await keyboard.PressAsync("Enter");
        await Expect(visit.Answers).ToHaveCountAsync(1);
        await Expect(visit.Field).ToBeFocusedAsync();
        await keyboard.PressAsync("Escape");

        await Expect(visit.Panel).ToBeHiddenAsync();
        await Expect(visit.Launcher).ToBeFocusedAsync();
    }

    [Fact]
    public async Task On_a_phone_the_chat_fills_the_screen_and_keeps_the_keyboard_inside()
    {
        var shop = await Shop.OpenAsync(_host);
        await using var tab = await chromium.OpenAsync(
            _host,
            new BrowserNewContextOptions
            {
                ViewportSize = new ViewportSize { Width = 390, Height = 844 },
            }
        );
        var visit = await shop.VisitAsync(tab);

        await visit.OpenAsync();

        var box = (await visit.Panel.BoundingBoxAsync())!;
        (box.X, box.Y, box.Width, box.Height).ShouldBe((0f, 0f, 390f, 844f));
        await Expect(visit.Panel).ToHaveAttributeAsync("aria-modal", "true");
        for (var stops = 0; stops < 12; stops++)
        {
            await tab.Page.Keyboard.PressAsync("Tab");
            (await tab.Page.EvaluateAsync<string>("document.activeElement.localName")).ShouldBe("tenet-widget");
        }
    }

    [Fact]
    public async Task Nobody_there_means_a_form_for_an_answer_by_mail()
    {
        var shop = await Shop.OpenAsync(_host);
        await using var tab = await chromium.OpenAsync(_host);
        var visit = await shop.VisitAsync(tab);
        await visit.OpenAsync();

        await visit.Panel.Locator(".chip", new() { HasTextString = "Ask a person" }).ClickAsync();
        await visit.Panel.GetByLabel("E-mail").FillAsync("ada@example.org");
        await visit.Panel.GetByLabel("Write a message").FillAsync("Please call me back.");
        await visit.Panel.GetByRole(AriaRole.Button, new() { Name = "Send" }).ClickAsync();

        await Expect(visit.Panel).ToContainTextAsync("We will answer by e-mail");
        await using var team = await chromium.OpenAsync(_host);
        await team.SignInAsync(shop.Workspace, "agent");
        await team.GoToConsoleAsync("/inbox");
        await Expect(team.Page.Locator(".list")).ToContainTextAsync("ada@example.org");
        await Expect(team.Page.Locator(".list")).ToContainTextAsync("Please call me back.");
    }

    [Fact]
    public async Task An_answer_that_comes_while_the_chat_is_closed_is_counted_on_the_launcher()
    {
        var shop = await Shop.OpenAsync(_host);
        var slow = FakeReply.Text("Here it is.") with { Delay = TimeSpan.FromSeconds(1.5) };
        await using var model = await _host.UseModelAsync(shop.Workspace, slow);
        await using var tab = await chromium.OpenAsync(_host);
        var visit = await shop.VisitAsync(tab);
        await visit.OpenAsync();
        await visit.SayAsync("Where is it?");
        await Expect(visit.Own).ToHaveCountAsync(1);

        await visit.Field.PressAsync("Escape");

        await Expect(visit.Unread).ToHaveTextAsync("1");
        await visit.OpenAsync();
        await Expect(visit.Unread).ToBeHiddenAsync();
    }

    [Fact]
    public async Task The_site_may_say_who_its_visitor_is_and_nobody_else_may()
    {
        var shop = await Shop.OpenAsync(_host);
        var secret = await _host.Door.RunAsync(
            shop.Workspace.Id,
            Actor.System,
            ctx => _host.Services.GetRequiredService<Widgets>().RenewSecretAsync(ctx, CancellationToken.None),
            CancellationToken.None
        );
        var now = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        object Identity(string id, string name, string key) =>
            new
            {
                id,
                email = $"{id}@example.org",
                name,
                issuedAt = now,
                signature = SignedIdentity.Sign(key, id, $"{id}@example.org", name, now),
            };
        await using var tab = await chromium.OpenAsync(_host);
        var visit = await shop.VisitAsync(tab);
        await Expect(visit.Launcher).ToBeVisibleAsync();
        await tab.Page.EvaluateAsync("who => tenet.identify(who)", Identity("grace", "Grace Hopper", secret));
        await visit.AskAsync("Hello");
        await using var liar = await chromium.OpenAsync(_host);
        var lie = await shop.VisitAsync(liar);
        await Expect(lie.Launcher).ToBeVisibleAsync();
        await liar.Page.EvaluateAsync("who => tenet.identify(who)", Identity("alan", "Alan Turing", "guessed"));
        await lie.OpenAsync();
        await lie.SayAsync("Hello");
        await Expect(lie.Panel).ToContainTextAsync("Not sent");

        await using var team = await chromium.OpenAsync(_host);
        await team.SignInAsync(shop.Workspace, "agent");
        await team.GoToConsoleAsync("/inbox");
        await Expect(team.Page.Locator(".list .row")).ToHaveCountAsync(1);
        await Expect(team.Page.Locator(".list .row")).ToContainTextAsync("Grace Hopper");
    }
}
