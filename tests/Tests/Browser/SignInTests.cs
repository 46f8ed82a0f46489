using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using Tenet.Accounts;
using Tenet.Kernel;
using Tenet.Tests.Accounts.Factors;
using Tenet.Tests.Support;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace Tenet.Tests.Browser;

/// <summary>Second factors as a person sets them up and uses them, with the browser's own authenticator.</summary>
public sealed class SignInTests(TestCluster cluster, Chromium chromium)
{
    private readonly TestHost _host = cluster.Host;
    private readonly CancellationToken _ct = TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_passkey_is_added_in_the_console_and_then_signs_in_alone()
    {
        await using var tab = await chromium.OpenAsync(_host, ByName);
        await AddAuthenticatorAsync(tab);
        await tab.BringAxeAsync();
        var email = await SignInAsync(tab);
        await tab.GoToConsoleAsync("/account/security");
        await tab.Page.GetByLabel("Name of the new passkey").FillAsync("Laptop");
        await Button(tab, "Add passkey").ClickAsync();
        await Expect(tab.Page.GetByText("The passkey is added")).ToBeVisibleAsync();
        await Expect(tab.Page.GetByRole(AriaRole.Button, new() { Name = "Remove Laptop" })).ToBeVisibleAsync();
        await tab.ShouldBeAccessibleAsync();
        tab.ShouldBeQuiet();

        await SignOutAsync(tab);
        await Button(tab, "Sign in with a passkey").ClickAsync();
        await Expect(tab.Page.Locator(".workspace-menu .name")).ToHaveTextAsync("Test shop");

        // After a link the same passkey is the second factor.
        await SignOutAsync(tab);
        await RedeemAsync(tab, email);
        await Expect(tab.Page.GetByRole(AriaRole.Heading, new() { Name = "One more step" })).ToBeVisibleAsync();
        await tab.ShouldBeAccessibleAsync();
        await Button(tab, "Use a passkey").ClickAsync();
        await Expect(tab.Page.Locator(".workspace-menu .name")).ToHaveTextAsync("Test shop");
    }

    [Fact]
    public async Task An_app_is_set_up_by_its_code_and_the_recovery_codes_are_shown_once()
    {
        await using var tab = await chromium.OpenAsync(_host, ByName);
        await tab.BringAxeAsync();
        var email = await SignInAsync(tab);
        await tab.GoToConsoleAsync("/account/security");
        await Button(tab, "Set up an app").ClickAsync();
        await Expect(tab.Page.GetByRole(AriaRole.Img, new() { Name = "QR code" })).ToBeVisibleAsync();
        var secret = AppUser.Secret(await tab.Page.Locator(".secret-key").InnerTextAsync());
        await tab.ShouldBeAccessibleAsync();
        await tab.Page.GetByLabel("Code", new() { Exact = true }).FillAsync("000000");
        await Button(tab, "Confirm").ClickAsync();
        await Expect(tab.Page.GetByText("This code is not right")).ToBeVisibleAsync();

        await tab.Page.GetByLabel("Code", new() { Exact = true }).FillAsync(AppUser.CodeOf(_host, secret, -1));
        await Button(tab, "Confirm").ClickAsync();
        await Expect(tab.Page.Locator(".recovery-codes li")).ToHaveCountAsync(10);
        await tab.ShouldBeAccessibleAsync();
        await Button(tab, "I have kept them").ClickAsync();
        await Expect(tab.Page.Locator(".recovery-codes")).ToHaveCountAsync(0);
        tab.ShouldBeQuiet();

        await SignOutAsync(tab);
        await RedeemAsync(tab, email);
        await tab.Page.GetByLabel("Code", new() { Exact = true }).FillAsync(AppUser.CodeOf(_host, secret, 0));
        await Button(tab, "Continue").ClickAsync();
        await Expect(tab.Page.Locator(".workspace-menu .name")).ToHaveTextAsync("Test shop");
    }

    [Fact]
    public async Task An_open_page_turns_to_sign_in_when_its_session_is_ended_elsewhere()
    {
        await using var tab = await chromium.OpenAsync(_host);
        var workspace = await _host.OpenWorkspaceAsync();
        var member = await tab.SignInAsync(workspace, "agent");
        await tab.GoToConsoleAsync("/account/sessions");
        await Expect(tab.Page.GetByText("(this one)")).ToBeVisibleAsync();
        var session = await _host
            .Services.GetRequiredService<Sessions>()
            .FindAsync(Secrets.Hash(member.Cookie["tenet_session=".Length..]), _ct);

        await _host
            .Services.GetRequiredService<OwnSessions>()
            .EndAsync(workspace.Id, session!.MemberId, session.SessionId, session.SessionId, _ct);

        await Expect(tab.Page.GetByRole(AriaRole.Heading, new() { Name = "Sign in" })).ToBeVisibleAsync();
    }

    /// <summary>Browsers have no passkeys on an address of numbers.</summary>
    private BrowserNewContextOptions ByName => new() { BaseURL = new UriBuilder(_host.Address) { Host = "localhost" }.Uri.ToString() };

    private static async Task AddAuthenticatorAsync(Tab tab)
    {
        var devTools = await tab.Page.Context.NewCDPSessionAsync(tab.Page);
        await devTools.SendAsync("WebAuthn.enable");
        await devTools.SendAsync(
            "WebAuthn.addVirtualAuthenticator",
            new()
            {
                ["options"] = new Dictionary<string, object>
                {
                    ["protocol"] = "ctap2",
                    ["transport"] = "internal",
                    ["hasResidentKey"] = true,
                    ["hasUserVerification"] = true,
                    ["isUserVerified"] = true,
                    ["automaticPresenceSimulation"] = true,
                },
            }
        );
    }

    private async Task<string> SignInAsync(Tab tab)
    {
        var member = await _host.JoinAsync(await _host.OpenWorkspaceAsync(), "agent");
        await RedeemAsync(tab, member.Member.Email);
        await Expect(tab.Page.Locator(".workspace-menu .name")).ToHaveTextAsync("Test shop");
        return member.Member.Email;
    }

    private async Task RedeemAsync(Tab tab, string email)
    {
        var link = await _host.Services.GetRequiredService<SignInLinks>().CreateForOperatorAsync(email, _ct);
        await tab.GoAsync(link.AbsolutePath);
        await Button(tab, "Sign in").ClickAsync();
    }

    private static async Task SignOutAsync(Tab tab)
    {
        await tab.GoToConsoleAsync("/members");
        await tab.Page.Locator(".workspace-menu summary").ClickAsync();
        await Button(tab, "Sign out").ClickAsync();
        await Expect(tab.Page.GetByRole(AriaRole.Heading, new() { Name = "Sign in" })).ToBeVisibleAsync();
        // The page that signed out may be cut off before the next one has taken its place.
        tab.ForgetFaults();
    }

    private static ILocator Button(Tab tab, string name) => tab.Page.GetByRole(AriaRole.Button, new() { Name = name, Exact = true });
}
