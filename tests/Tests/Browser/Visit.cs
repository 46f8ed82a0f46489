using Microsoft.Playwright;

namespace Tenet.Tests.Browser;

/// <summary>A visitor on the shop, with the chat in reach. Locators pierce its open shadow tree.</summary>
internal sealed class Visit(Tab tab)
{
    private IPage Page => tab.Page;

    public ILocator Launcher => Page.Locator("tenet-widget .launcher");
    public ILocator Panel => Page.Locator("tenet-widget .panel");
    public ILocator Field => Panel.GetByPlaceholder("Write a message");
    public ILocator Unread => Page.Locator("tenet-widget .unread");

    /// <summary>Status and streamed words, before they are a message.</summary>
    public ILocator Tail => Panel.Locator(".tail");
    public ILocator Own => Panel.Locator(".log .item.visitor");

    /// <summary>Finished answers; the greeting is not one of them.</summary>
    public ILocator Answers => Panel.Locator(".log .item.assistant:has(.feedback)");
    public ILocator Replies => Panel.Locator(".log .item.member");

    public async Task OpenAsync()
    {
        await Launcher.ClickAsync();
        await Assertions.Expect(Panel).ToBeVisibleAsync();
    }

    public async Task SayAsync(string text)
    {
        await Field.FillAsync(text);
        await Field.PressAsync("Enter");
    }

    /// <summary>Opens the chat, asks, and waits for the whole answer.</summary>
    public async Task AskAsync(string question)
    {
        await OpenAsync();
        await SayAsync(question);
        await Assertions.Expect(Answers).ToHaveCountAsync(1);
    }
}
