using Microsoft.Playwright;

namespace Tenet.Tests.Browser;

/// <summary>The inbox as a member works in it.</summary>
internal sealed class Desk(IPage page)
{
    public ILocator Rows => page.Locator(".list .row");
    public ILocator Thread => page.Locator("section.thread");
    public ILocator Messages => page.Locator(".messages");
    public ILocator Box => page.Locator("[data-composer]");

    public Task ShowAsync(string tab) => page.Locator(".list").GetByRole(AriaRole.Tab, new() { Name = tab }).ClickAsync();

    public Task Press(string button) => Thread.GetByRole(AriaRole.Button, new() { Name = button, Exact = true }).ClickAsync();

    public async Task WriteAsync(string text)
    {
        await Box.FillAsync(text);
        await Press("Send");
    }

    public async Task NoteAsync(string text)
    {
        await Thread.GetByRole(AriaRole.Tab, new() { Name = "Note" }).ClickAsync();
        await Box.FillAsync(text);
        await Press("Add note");
    }
}
