using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Tenet.Accounts;
using Tenet.Kernel;
using Tenet.Kernel.Http;
using Tenet.Tests.Support;
using Xunit;

namespace Tenet.Tests.Accounts;

public sealed class SignInTests(TestCluster cluster)
{
    private readonly TestHost _host = cluster.Host;
    private readonly CancellationToken _ct = TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_mailed_link_signs_in_once()
    {
        var browser = Browser();
        var token = await browser.AskForLinkAsync(await MemberAsync());
        var before = browser.Cookie;

        (await browser.RedeemAsync(token)).ShouldBe("/");
        (await browser.IsSignedInAsync()).ShouldBeTrue();
        string.Equals(browser.Cookie, before, StringComparison.Ordinal)
            .ShouldBeFalse("A value planted before sign-in must be worth nothing after it.");

        (await browser.RedeemAsync(token)).ShouldBe("/sign-in?notice=used");
    }

    [Fact]
    public async Task Opening_the_link_uses_nothing_up()
    {
        var browser = Browser();
        var token = await browser.AskForLinkAsync(await MemberAsync());

        foreach (var reader in new[] { browser, Browser(), browser })
        {
            using var page = await reader.GetAsync("/sign-in/link/" + token);
            page.StatusCode.ShouldBe(HttpStatusCode.OK);
            (await page.Content.ReadAsStringAsync(_ct)).ShouldContain("action=\"/sign-in/sessions\"");
        }

        (await browser.RedeemAsync(token)).ShouldBe("/");
    }

    [Fact]
    public async Task Of_parallel_redemptions_one_wins()
    {
        var first = Browser();
        var token = await first.AskForLinkAsync(await MemberAsync());
        var tabs = Enumerable.Range(0, 8).Select(_ => Browser(first.Cookie)).ToList();

        var ends = await Task.WhenAll(tabs.Select(tab => tab.RedeemAsync(token)));

        ends.Count(end => end is "/").ShouldBe(1);
        ends.Count(end => end is "/sign-in?notice=used").ShouldBe(7);
    }

    [Fact]
    public async Task Another_browser_is_told_what_to_do_and_the_link_stays_good()
    {
        var browser = Browser();
        var token = await browser.AskForLinkAsync(await MemberAsync());

        foreach (var other in new[] { Browser(), Browser(Secrets.Token()) })
        {
            var end = await other.RedeemAsync(token);
            end.ShouldBe("/sign-in?notice=other-browser");
            using var page = await other.GetAsync(end);
            (await page.Content.ReadAsStringAsync(_ct)).ShouldContain("another browser");
        }

        (await browser.RedeemAsync(token)).ShouldBe("/");
    }

    [Fact]
    public async Task A_link_is_good_for_ten_minutes_and_a_session_for_thirty_days()
    {
        var clock = new MovableTime();
        await using var host = await cluster.StartHostAsync(builder => builder.Services.AddSingleton<TimeProvider>(clock));
        var email = (await host.JoinAsync(await host.OpenWorkspaceAsync(), Access.Agent)).Member.Email;
        var browser = new Browser(host, _ct);
        var late = await browser.AskForLinkAsync(email);
        clock.Move(TimeSpan.FromMinutes(10));
        (await browser.RedeemAsync(late)).ShouldBe("/sign-in?notice=expired");

        var soon = await browser.AskForLinkAsync(email);
        clock.Move(TimeSpan.FromMinutes(9.9));
        (await browser.RedeemAsync(soon)).ShouldBe("/");

        clock.Move(TimeSpan.FromDays(29.9));
        (await browser.IsSignedInAsync()).ShouldBeTrue();
        clock.Move(TimeSpan.FromDays(0.2));
        (await browser.IsSignedInAsync()).ShouldBeFalse();
    }

    [Fact]
    public async Task A_session_ended_anywhere_is_cut_within_five_seconds()
    {
        var clock = new MovableTime();
        await using var host = await cluster.StartHostAsync(builder => builder.Services.AddSingleton<TimeProvider>(clock));
        var member = await host.JoinAsync(await host.OpenWorkspaceAsync(), Access.Agent);
        (await member.Client.GetAsync("/api/members", _ct)).StatusCode.ShouldBe(HttpStatusCode.OK);

        await host.AsOwnerAsync<int>("delete from accounts.session");
        clock.Move(TimeSpan.FromSeconds(5));

        (await member.Client.GetAsync("/api/members", _ct)).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Theory]
    [InlineData("/members", "/members")]
    [InlineData("/audit-log?a=b", "/audit-log?a=b")]
    [InlineData("https://evil.example/", "/")]
    [InlineData("//evil.example", "/")]
    [InlineData("/\\evil.example", "/")]
    [InlineData("/\t/evil.example", "/")]
    [InlineData("javascript:alert(1)", "/")]
    [InlineData("evil", "/")]
    [InlineData("", "/")]
    public async Task Signing_in_leads_to_a_page_of_ours_and_nowhere_else(string asked, string led)
    {
        var browser = Browser();
        var token = await browser.AskForLinkAsync(await MemberAsync(), asked);

        (await browser.RedeemAsync(token)).ShouldBe(led);
    }

    [Fact]
    public async Task An_unknown_address_is_answered_like_a_known_one_and_gets_no_letter()
    {
        var known = await MemberAsync();
        var unknown = $"{Secrets.Token(9).ToLowerInvariant()}@example.org";
        var answers = new List<string>();
        foreach (var email in new[] { known, unknown })
        {
            using var asked = await Browser().PostAsync("/sign-in/links", ("email", email));
            var headers = asked.Headers.Where(header => header.Key is not ("Date" or "Set-Cookie")).Select(header => header.ToString());
            var cookie = Accounts.Browser.SetCookies(asked).Single();
            answers.Add($"{asked.StatusCode} {string.Join(' ', headers)} {cookie[cookie.IndexOf(';', StringComparison.Ordinal)..]}");
        }

        answers[1].ShouldBe(answers[0]);
        await _host.NextLinkAsync(known, _ct);
        (await _host.LinksAsync(unknown, _ct)).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("")]
    [InlineData("nobody")]
    [InlineData("a@b@c")]
    [InlineData("Robin <robin@example.org>")]
    [InlineData("robin@example.org\r\nBcc: all@example.org")]
    public async Task What_is_no_address_is_sent_back(string email)
    {
        using var asked = await Browser().PostAsync("/sign-in/links", ("email", email));

        asked.Headers.Location!.ToString().ShouldBe("/sign-in?notice=email");
    }

    [Fact]
    public async Task An_address_can_be_written_to_five_times_in_fifteen_minutes()
    {
        var email = await MemberAsync();
        for (var n = 0; n < 5; n++)
        {
            await Browser().AskForLinkAsync(email);
        }

        using var sixth = await Browser().PostAsync("/sign-in/links", ("email", email));
        sixth.Headers.Location!.ToString().ShouldBe("/sign-in?notice=too-many");
    }

    [Fact]
    public async Task Nodes_count_the_letters_to_an_address_together()
    {
        await using var first = await cluster.StartHostAsync();
        await using var second = await TestHost.StartAsync(first.AdminConnectionString, cluster.MasterKeyFile, null);
        var email = $"{Guid.CreateVersion7():N}@example.com";
        var went = new List<string>();

        foreach (var node in new[] { first, second, first, second, first, second, first })
        {
            using var asked = await new Browser(node, _ct).PostAsync("/sign-in/links", ("email", email));
            went.Add(asked.Headers.Location!.ToString());
        }

        went.ShouldBe([.. Enumerable.Repeat("/sign-in/sent", 5), .. Enumerable.Repeat("/sign-in?notice=too-many", 2)]);
    }

    [Fact]
    public async Task The_operators_link_works_in_any_browser_once()
    {
        var link = await _host.Services.GetRequiredService<SignInLinks>().CreateForOperatorAsync(await MemberAsync(), _ct);
        link.Authority.ShouldBe(_host.Address.Authority);

        (await Browser().RedeemAsync(link.Segments[^1])).ShouldBe("/");
        (await Browser().RedeemAsync(link.Segments[^1])).ShouldBe("/sign-in?notice=used");
    }

    [Fact]
    public async Task Signing_out_ends_the_session_itself()
    {
        var (browser, email) = (Browser(), await MemberAsync());
        await browser.RedeemAsync(await browser.AskForLinkAsync(email));
        var copied = Browser(browser.Cookie);
        (await copied.IsSignedInAsync()).ShouldBeTrue();

        using var signedOut = await browser.PostAsync("/sign-out");

        browser.Cookie.ShouldBeNull();
        (
            await _host.AsOwnerAsync<long>(
                """
                select count(*) from audit.entry e join accounts.member m on m.id = e.actor_id and m.workspace_id = e.workspace_id
                 where m.email = $1 and e.action in ('session.started', 'session.ended')
                """,
                email
            )
        ).ShouldBe(2);
        (await copied.IsSignedInAsync()).ShouldBeFalse();
    }

    [Fact]
    public async Task A_person_of_two_workspaces_switches_between_them_and_into_no_other()
    {
        var (a, b, foreign) = (await _host.OpenWorkspaceAsync(), await _host.OpenWorkspaceAsync(), await _host.OpenWorkspaceAsync());
        var member = await _host.JoinAsync(a, Access.Viewer);
        await _host.Services.GetRequiredService<Members>().CreateOwnerAsync(b.Id, member.Member.Email, "Robin", _ct);
        var browser = Browser(member.Cookie["tenet_session=".Length..]);

        using var refused = await browser.PostAsync("/session/workspace", ("workspaceId", foreign.Id.ToString()));
        refused.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        using var switched = await browser.PostAsync("/session/workspace", ("workspaceId", b.Id.ToString()));
        ((int)switched.StatusCode).ShouldBe(303);

        using var members = await browser.GetAsync("/api/members");
        (await members.Content.ReadAsStringAsync(_ct)).ShouldContain("\"role\":\"owner\"");
    }

    private Browser Browser(string? cookie = null) => new(_host, _ct) { Cookie = cookie };

    private async Task<string> MemberAsync() => (await _host.JoinAsync(await _host.OpenWorkspaceAsync(), Access.Agent)).Member.Email;
}
