using System.Collections.Concurrent;
using Microsoft.Playwright;
using Shouldly;
using Tenet.Kernel.Workspaces;
using Tenet.Tests.Support;

namespace Tenet.Tests.Browser;

/// <summary>A page in a browser that keeps what went wrong in it and whom it called.</summary>
internal sealed class Tab : IAsyncDisposable
{
    private readonly ConcurrentQueue<string> _faults = new();
    private readonly ConcurrentQueue<string> _strangers = new();
    private readonly TestHost _host;

    public Tab(TestHost host, IPage page)
    {
        (_host, Page) = (host, page);
        page.Console += (_, message) =>
        {
            if (message.Type is "error")
            {
                _faults.Enqueue(message.Text);
            }
        };
        page.PageError += (_, error) => _faults.Enqueue(error);
        page.Request += (_, request) =>
        {
            var address = new Uri(request.Url);
            if (address.Scheme is not ("data" or "blob") && !(address.IsLoopback && address.Port == host.Address.Port))
            {
                _strangers.Enqueue(address.Authority);
            }
        };
    }

    public IPage Page { get; }

    public Task GoAsync(string path) => Page.GotoAsync(path);

    /// <summary>Opens a console page and waits until it answers to the keyboard and the mouse.</summary>
    public async Task GoToConsoleAsync(string path)
    {
        await GoAsync(path);
        await InteractiveAsync();
    }

    private async Task InteractiveAsync()
    {
        await Assertions.Expect(Page.Locator(".app:not([aria-busy])")).ToBeVisibleAsync();
        await Assertions.Expect(Page.Locator(".workspace-menu .name")).Not.ToBeEmptyAsync();
    }

    /// <summary>Becomes a member's browser.</summary>
    public async Task<TestMember> SignInAsync(Workspace workspace, string role)
    {
        var joined = await _host.JoinAsync(workspace, role);
        var pair = joined.Cookie.Split('=', 2);
        await Page.Context.AddCookiesAsync([
            new Cookie
            {
                Name = pair[0],
                Value = pair[1],
                Url = _host.Address.ToString(),
            },
        ]);
        return joined;
    }

    /// <summary>Nothing failed, and nobody but our own host was called.</summary>
    public void ShouldBeQuiet()
    {
        _faults.ShouldBeEmpty();
        _strangers.ShouldBeEmpty();
    }

    public void ForgetFaults() => _faults.Clear();

    public async ValueTask DisposeAsync() => await Page.Context.DisposeAsync();
}
