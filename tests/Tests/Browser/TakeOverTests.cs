using Microsoft.Playwright;
using Tenet.Tests.Support;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace Tenet.Tests.Browser;

/// <summary>A visitor in one browser, the team in another.</summary>
public sealed class TakeOverTests(TestCluster cluster, Chromium chromium)
{
    private readonly TestHost _host = cluster.Host;

    [Fact]
    public async Task A_person_takes_over_answers_hands_back_and_resolves()
    {
        var shop = await Shop.OpenAsync(_host);
        await using var team = await chromium.OpenAsync(_host);
        await using var tab = await chromium.OpenAsync(_host);
        var agent = await team.SignInAsync(shop.Workspace, "agent");
        await team.GoToConsoleAsync("/inbox");
        var desk = new Desk(team.Page);
        var visit = await shop.VisitAsync(tab);
        await visit.AskAsync("Can I exchange the tent?");

        // It appears by itself.
        await desk.ShowAsync("Pending");
        await desk.Rows.First.ClickAsync();
        await Expect(desk.Thread).ToContainTextAsync("Can I exchange the tent?");
        await desk.Press("Take over");
        await Expect(visit.Panel).ToContainTextAsync("A person has joined the conversation.");
        await desk.WriteAsync("Yes, I will arrange it.");
        await Expect(visit.Replies).ToContainTextAsync("Yes, I will arrange it.");
        await Expect(visit.Replies).ToContainTextAsync(agent.Member.Name);
        await desk.NoteAsync("Known to return everything.");
        await Expect(desk.Thread).ToContainTextAsync("Known to return everything.");

        await visit.SayAsync("Thank you!");
        await Expect(desk.Thread).ToContainTextAsync("Thank you!");
        await Expect(visit.Answers).ToHaveCountAsync(1);
        await Expect(visit.Panel).Not.ToContainTextAsync("Known to return");

        await desk.Press("Hand back to AI");
        await visit.SayAsync("And the pegs?");
        await Expect(visit.Answers).ToHaveCountAsync(2);

        await desk.Press("Resolve");
        await Expect(visit.Panel).ToContainTextAsync("Write to open it again");
        await visit.SayAsync("One more thing");
        await Expect(visit.Answers).ToHaveCountAsync(3);
        await Expect(desk.Thread.GetByRole(AriaRole.Button, new() { Name = "Resolve" })).ToBeVisibleAsync();
        await tab.Page.ReloadAsync();
        await Expect(visit.Own).ToHaveCountAsync(4);
        await Expect(visit.Panel).Not.ToContainTextAsync("Known to return");
        tab.ShouldBeQuiet();
        team.ShouldBeQuiet();
    }

    [Fact]
    public async Task The_inbox_answers_to_the_keyboard()
    {
        var shop = await Shop.OpenAsync(_host);
        foreach (var question in (string[])["The older question", "The newer question"])
        {
            await using var tab = await chromium.OpenAsync(_host);
            await (await shop.VisitAsync(tab)).AskAsync(question);
        }
        await using var team = await chromium.OpenAsync(_host);
        await team.SignInAsync(shop.Workspace, "agent");
        await team.GoToConsoleAsync("/inbox");
        var desk = new Desk(team.Page);
        var keyboard = team.Page.Keyboard;
        await Expect(desk.Rows).ToHaveCountAsync(2);
        await Expect(team.Page.Locator("html[data-inbox-keys]")).ToBeVisibleAsync();

        await keyboard.PressAsync("Alt+J");
        await Expect(desk.Thread).ToContainTextAsync("The newer question");
        await keyboard.PressAsync("Alt+J");
        await Expect(desk.Thread).ToContainTextAsync("The older question");
        await keyboard.PressAsync("Alt+K");
        await Expect(desk.Thread).ToContainTextAsync("The newer question");

        await keyboard.PressAsync("Alt+L");
        await Expect(desk.Box).ToBeFocusedAsync();
        await keyboard.TypeAsync("Sent by keys alone?");
        await keyboard.PressAsync("Control+Enter");
        await Expect(desk.Messages).ToContainTextAsync("Sent by keys alone?");
        await Expect(desk.Box).ToHaveValueAsync("");

        await keyboard.PressAsync("Alt+P");
        await Expect(desk.Box).ToHaveAttributeAsync("aria-label", "Private note");
        await keyboard.PressAsync("Alt+E");
        await Expect(desk.Thread.GetByRole(AriaRole.Button, new() { Name = "Reopen" })).ToBeVisibleAsync();

        await keyboard.PressAsync("Control+K");
        await Expect(team.Page.GetByRole(AriaRole.Combobox, new() { Name = "Search pages and conversations" })).ToBeFocusedAsync();
        await keyboard.TypeAsync("members");
        await Expect(team.Page.Locator("#palette [role=option]").First).ToContainTextAsync("Members");
        await keyboard.PressAsync("Enter");
        await team.Page.WaitForURLAsync("**/members");
        await Expect(team.Page.Locator("h1")).ToHaveTextAsync("Members");
        await keyboard.PressAsync("?");
        await Expect(team.Page.Locator("#cheat-sheet")).ToBeVisibleAsync();
        await keyboard.PressAsync("Escape");
        await Expect(team.Page.Locator("#cheat-sheet")).ToBeHiddenAsync();
        team.ShouldBeQuiet();
    }
}
