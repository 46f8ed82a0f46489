using System.Net;
using Microsoft.Playwright;
using Shouldly;
using Tenet.Kernel.Workspaces;
using Tenet.Tests.Inbox;
using Tenet.Tests.Support;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace Tenet.Tests.Browser;

/// <summary>A page of a shop with the banner, and with a script of the shop's own that only who allows analytics may meet.</summary>
public sealed class ConsentBannerTests(TestCluster cluster, Chromium chromium)
{
    private const string Measured = "window.measured";
    private readonly TestHost _host = cluster.Host;

    [Fact]
    public async Task Before_a_choice_nothing_is_stored_or_sent()
    {
        await using var tab = await chromium.OpenAsync(_host);
        var sent = new List<string>();
        tab.Page.Request += (_, request) => sent.Add(request.Method);

        await OpenAsync(tab);
        await Expect(Button(tab, "Reject all")).ToBeVisibleAsync();

        (await StoredAsync(tab)).ShouldBe("0 0 ");
        (await tab.Page.EvaluateAsync<bool>(Measured + " === undefined")).ShouldBeTrue();
        sent.ShouldAllBe(method => method == "GET");
        tab.ShouldBeQuiet();
    }

    [Fact]
    public async Task To_refuse_takes_what_to_accept_takes()
    {
        await using var tab = await chromium.OpenAsync(_host);
        await OpenAsync(tab);

        var (accept, reject) = (await LookAsync(Button(tab, "Accept all")), await LookAsync(Button(tab, "Reject all")));

        accept.ShouldBe(reject);
        await Button(tab, "Reject all").ClickAsync();
        await Expect(Button(tab, "Privacy choices")).ToBeVisibleAsync();
        (await AllowsAsync(tab)).ShouldBe("False False");
        await tab.Page.ReloadAsync();
        await Expect(Button(tab, "Privacy choices")).ToBeVisibleAsync();
        await Expect(Button(tab, "Accept all")).ToBeHiddenAsync();
        (await tab.Page.EvaluateAsync<bool>(Measured + " === undefined")).ShouldBeTrue();
        tab.ShouldBeQuiet();
    }

    [Fact]
    public async Task What_was_accepted_runs_until_it_is_withdrawn()
    {
        await using var tab = await chromium.OpenAsync(_host);
        await OpenAsync(tab);

        await Button(tab, "Accept all").ClickAsync();

        await tab.Page.WaitForFunctionAsync(Measured + " === true");
        (await AllowsAsync(tab)).ShouldBe("True True");
        await Button(tab, "Privacy choices").ClickAsync();
        await Expect(tab.Page.GetByRole(AriaRole.Switch, new() { Name = "Analytics" })).ToBeCheckedAsync();
        // A script that ran cannot be taken back: the page is loaded anew without it.
        await Button(tab, "Withdraw my consent").ClickAsync();
        await tab.Page.WaitForFunctionAsync("window.tenetConsent && !tenetConsent.choices.analytics && window.measured === undefined");
        await Expect(Button(tab, "Privacy choices")).ToBeVisibleAsync();
        (await tab.Page.EvaluateAsync<bool>(Measured + " === undefined")).ShouldBeTrue();
        (await AllowsAsync(tab)).ShouldBe("False False");
        tab.ShouldBeQuiet();
    }

    [Fact]
    public async Task A_browser_that_objects_is_not_asked_and_may_still_choose()
    {
        await using var tab = await chromium.OpenAsync(_host);
        await tab.Page.AddInitScriptAsync("Object.defineProperty(navigator, 'globalPrivacyControl', { value: true })");
        await tab.Page.SetExtraHTTPHeadersAsync(new Dictionary<string, string> { ["Sec-GPC"] = "1" });
        await OpenAsync(tab);

        await Expect(Button(tab, "Privacy choices")).ToBeVisibleAsync();
        await Expect(Button(tab, "Accept all")).ToBeHiddenAsync();
        (await AllowsAsync(tab)).ShouldBe("False False");
        await Button(tab, "Privacy choices").ClickAsync();
        await Expect(tab.Page.GetByText("Your browser asks not to be tracked")).ToBeVisibleAsync();
        await tab.Page.GetByRole(AriaRole.Switch, new() { Name = "Preferences" }).CheckAsync();
        await Button(tab, "Save my choice").ClickAsync();
        await tab.Page.WaitForFunctionAsync("tenetConsent.choices.preferences");
        (await AllowsAsync(tab)).ShouldBe("False True");
        tab.ShouldBeQuiet();
    }

    [Fact]
    public async Task Who_agreed_to_what_has_changed_since_is_asked_again_and_nothing_runs_until_then()
    {
        await using var tab = await chromium.OpenAsync(_host);
        var workspace = await OpenAsync(tab);
        await Button(tab, "Accept all").ClickAsync();
        await tab.Page.WaitForFunctionAsync(Measured + " === true");

        await _host.AsOwnerAsync<int>(
            "insert into privacy.consent_renewal (workspace_id, id, policy, version, due_at, decided_at) values ($1, $1, 'shop', '2', now(), now())",
            workspace.Id
        );
        await tab.Page.ReloadAsync();

        await Expect(tab.Page.GetByText("What your consent was given to has changed")).ToBeVisibleAsync();
        (await AllowsAsync(tab)).ShouldBe("False False");
        (await tab.Page.EvaluateAsync<bool>(Measured + " === undefined")).ShouldBeTrue();
        await Button(tab, "Accept all").ClickAsync();
        await tab.Page.WaitForFunctionAsync(Measured + " === true");
        (
            await _host.AsOwnerAsync<long>("select count(distinct person) from privacy.consent where workspace_id = $1", workspace.Id)
        ).ShouldBe(1);
        await tab.Page.ReloadAsync();
        await Expect(Button(tab, "Privacy choices")).ToBeVisibleAsync();
        (await AllowsAsync(tab)).ShouldBe("True True");
        tab.ShouldBeQuiet();
    }

    [Theory]
    [InlineData(ColorScheme.Light, 1280)]
    [InlineData(ColorScheme.Dark, 390)]
    public async Task Banner_and_preference_centre_are_accessible(ColorScheme scheme, int width)
    {
        await using var tab = await chromium.OpenAsync(_host);
        await tab.Page.EmulateMediaAsync(new() { ColorScheme = scheme });
        await tab.Page.SetViewportSizeAsync(width, 800);
        await tab.BringAxeAsync();
        await OpenAsync(tab);
        await Expect(Button(tab, "Reject all")).ToBeVisibleAsync();
        await tab.ShouldBeAccessibleAsync();

        await Button(tab, "Choose").FocusAsync();
        await tab.Page.Keyboard.PressAsync("Enter");
        await Expect(Button(tab, "Save my choice")).ToBeVisibleAsync();
        await tab.ShouldBeAccessibleAsync();
        await tab.Page.Keyboard.PressAsync("Escape");
        await Expect(Button(tab, "Save my choice")).ToBeHiddenAsync();
    }

    private async Task<Workspace> OpenAsync(Tab tab)
    {
        var workspace = await _host.OpenWorkspaceAsync();
        var key = WebUtility.HtmlEncode(await WidgetVisitor.WidgetKeyAsync(_host, workspace));
        await tab.Page.RouteAsync(
            "**/shop",
            route =>
                route.FulfillAsync(
                    new()
                    {
                        ContentType = "text/html; charset=utf-8",
                        Body = $"""
                        <!doctype html><html lang="en"><title>Shop</title><meta name="viewport" content="width=device-width">
                        <main><h1>Shop</h1><p>Jackets and boots.</p></main>
                        <script type="text/plain" data-consent="analytics">{Measured} = true</script>
                        <script src="/consent.js" data-key="{key}" async></script></html>
                        """,
                    }
                )
        );
        await tab.GoAsync("/shop");
        return workspace;
    }

    private static ILocator Button(Tab tab, string name) => tab.Page.GetByRole(AriaRole.Button, new() { Name = name, Exact = true });

    private static Task<string> StoredAsync(Tab tab) =>
        tab.Page.EvaluateAsync<string>("`${localStorage.length} ${sessionStorage.length} ${document.cookie}`");

    private static async Task<string> AllowsAsync(Tab tab) =>
        await tab.Page.EvaluateAsync<bool>("tenetConsent.choices.analytics")
        + " "
        + await tab.Page.EvaluateAsync<bool>("tenetConsent.choices.preferences");

    private static Task<string> LookAsync(ILocator button) =>
        button.EvaluateAsync<string>(
            "b => { const s = getComputedStyle(b), r = b.getBoundingClientRect(); return [s.backgroundColor, s.color, s.fontSize, s.fontWeight, s.border, Math.round(r.height), Math.round(r.width)].join(' ') }"
        );
}
