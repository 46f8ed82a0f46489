using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Tenet.Accounts;
using Tenet.Kernel.Http;
using Tenet.Tests.Support;
using Xunit;

namespace Tenet.Tests.Accounts.Factors;

public sealed class PasskeyTests(TestCluster cluster)
{
    private readonly TestHost _host = cluster.Host;
    private readonly CancellationToken _ct = TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_passkey_signs_in_without_a_link()
    {
        using var authenticator = Authenticator();
        var member = await MemberAsync(authenticator);
        var browser = new Browser(_host, _ct);

        (await AnswerAsync(browser, authenticator, "/members")).ShouldBe("/members");

        (await browser.IsSignedInAsync()).ShouldBeTrue();
        (await DetailsAsync(member, "session.started")).ShouldBe("{\"method\":\"passkey\"}");
    }

    [Fact]
    public async Task After_a_link_the_passkey_is_the_second_factor()
    {
        using var authenticator = Authenticator();
        var member = await MemberAsync(authenticator);
        var browser = await ArriveAsync(member);
        (await browser.IsSignedInAsync()).ShouldBeFalse();

        (await AnswerAsync(browser, authenticator)).ShouldBe("/");

        (await browser.IsSignedInAsync()).ShouldBeTrue();
    }

    [Fact]
    public async Task Somebody_elses_passkey_is_no_second_factor()
    {
        using var own = Authenticator();
        using var other = Authenticator();
        var member = await MemberAsync(own);
        await MemberAsync(other);
        var browser = await ArriveAsync(member);

        (await AnswerAsync(browser, other)).ShouldBe("/sign-in/second-factor?notice=passkey");
        (await browser.IsSignedInAsync()).ShouldBeFalse();
    }

    [Fact]
    public async Task An_answer_that_was_changed_is_refused_wherever_it_was_changed()
    {
        using var authenticator = Authenticator();
        await MemberAsync(authenticator);
        for (var at = 0; at < 37; at += 4)
        {
            var browser = new Browser(_host, _ct);
            var options = await OptionsAsync(browser);

            (await SendAsync(browser, authenticator.Get(options, data => data[at] ^= 1))).ShouldBe("/sign-in?notice=passkey", $"byte {at}");
            (await browser.IsSignedInAsync()).ShouldBeFalse();
        }
    }

    [Theory]
    [InlineData("https://evil.example")]
    [InlineData("http://127.0.0.1:1")]
    [InlineData("null")]
    public async Task An_answer_made_on_another_site_is_refused(string origin)
    {
        using var authenticator = Authenticator();
        await MemberAsync(authenticator);
        authenticator.Origin = origin;

        (await AnswerAsync(new Browser(_host, _ct), authenticator)).ShouldBe("/sign-in?notice=passkey");
    }

    [Fact]
    public async Task A_counter_that_goes_back_is_refused()
    {
        using var authenticator = Authenticator();
        await MemberAsync(authenticator);
        authenticator.Count = 40;
        (await AnswerAsync(new Browser(_host, _ct), authenticator)).ShouldBe("/");

        authenticator.Count = 39;
        (await AnswerAsync(new Browser(_host, _ct), authenticator)).ShouldBe("/sign-in?notice=passkey", "40 again");
        authenticator.Count = 7;
        (await AnswerAsync(new Browser(_host, _ct), authenticator)).ShouldBe("/sign-in?notice=passkey");
        authenticator.Count = 41;
        (await AnswerAsync(new Browser(_host, _ct), authenticator)).ShouldBe("/");
    }

    [Fact]
    public async Task Without_finger_face_or_pin_a_passkey_is_refused()
    {
        using var authenticator = Authenticator();
        await MemberAsync(authenticator);
        authenticator.Verifies = false;

        (await AnswerAsync(new Browser(_host, _ct), authenticator)).ShouldBe("/sign-in?notice=passkey");
    }

    [Fact]
    public async Task An_answer_counts_once_and_only_in_the_browser_that_was_asked()
    {
        using var authenticator = Authenticator();
        await MemberAsync(authenticator);
        var (asked, thief) = (new Browser(_host, _ct), new Browser(_host, _ct));
        var answer = authenticator.Get(await OptionsAsync(asked));
        await OptionsAsync(thief);
        var first = asked.Cookie;

        (await SendAsync(thief, answer)).ShouldBe("/sign-in?notice=passkey");
        var ends = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => SendAsync(new Browser(_host, _ct) { Cookie = first }, answer)));

        ends.Count(end => end is "/").ShouldBe(1);
        ends.Count(end => end is "/sign-in?notice=passkey").ShouldBe(3);
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("[1,2,3]")]
    [InlineData("{\"id\":\"AAAA\",\"type\":\"public-key\",\"response\":{}}")]
    [InlineData("not json")]
    public async Task What_is_no_answer_is_refused(string answer)
    {
        var browser = new Browser(_host, _ct);
        await OptionsAsync(browser);

        (await SendAsync(browser, answer)).ShouldBe("/sign-in?notice=passkey");
    }

    [Fact]
    public async Task A_passkey_is_added_once_by_who_proved_anew_who_they_are()
    {
        using var authenticator = Authenticator();
        var member = await MemberAsync(authenticator);
        var second = await _host.JoinAsync(await _host.OpenWorkspaceAsync(), Access.Agent);
        var browser = Of(second);
        using (var again = await AddAsync(browser, authenticator))
        {
            again.StatusCode.ShouldBe(HttpStatusCode.UnprocessableEntity, "it is known already");
        }

        await _host.AsOwnerAsync<int>(
            "update accounts.session set verified_at = now() - interval '11 minutes' where login_id = $1",
            member.Member.LoginId
        );
        await Eventually.HoldsAsync(
            async () =>
            {
                using var refused = await Of(member).PostAsync("/account/passkeys/options");
                return refused.StatusCode == HttpStatusCode.Forbidden;
            },
            "the old proof is forgotten",
            _ct
        );
    }

    [Fact]
    public async Task The_first_passkey_ends_the_sessions_that_were_opened_without_one()
    {
        using var authenticator = Authenticator();
        var member = await _host.JoinAsync(await _host.OpenWorkspaceAsync(), Access.Agent);
        var link = await _host.Services.GetRequiredService<SignInLinks>().CreateForOperatorAsync(member.Member.Email, _ct);
        var elsewhere = new Browser(_host, _ct);
        await elsewhere.RedeemAsync(link.Segments[^1]);
        (await elsewhere.IsSignedInAsync()).ShouldBeTrue();

        using var added = await AddAsync(Of(member), authenticator);

        added.StatusCode.ShouldBe(HttpStatusCode.NoContent);
        (await elsewhere.IsSignedInAsync()).ShouldBeFalse();
        (await Of(member).IsSignedInAsync()).ShouldBeTrue();
    }

    private SoftAuthenticator Authenticator() => new() { Origin = _host.Address.GetLeftPart(UriPartial.Authority) };

    private Browser Of(TestMember member) => new(_host, _ct) { Cookie = member.Cookie["tenet_session=".Length..] };

    private async Task<TestMember> MemberAsync(SoftAuthenticator authenticator)
    {
        var member = await _host.JoinAsync(await _host.OpenWorkspaceAsync(), Access.Agent);
        using var added = await AddAsync(Of(member), authenticator);
        added.StatusCode.ShouldBe(HttpStatusCode.NoContent, await added.Content.ReadAsStringAsync(_ct));
        return member;
    }

    private async Task<HttpResponseMessage> AddAsync(Browser browser, SoftAuthenticator authenticator)
    {
        using var options = await browser.PostAsync("/account/passkeys/options");
        options.StatusCode.ShouldBe(HttpStatusCode.OK);
        var credential = authenticator.Create(await options.Content.ReadAsStringAsync(_ct));
        return await browser.PostAsync("/account/passkeys", ("credential", credential), ("name", "Phone"));
    }

    private async Task<Browser> ArriveAsync(TestMember member)
    {
        var browser = new Browser(_host, _ct);
        var link = await _host.Services.GetRequiredService<SignInLinks>().CreateForOperatorAsync(member.Member.Email, _ct);
        (await browser.RedeemAsync(link.Segments[^1])).ShouldBe("/sign-in/second-factor");
        return browser;
    }

    private async Task<string> AnswerAsync(Browser browser, SoftAuthenticator authenticator, string returnUrl = "") =>
        await SendAsync(browser, authenticator.Get(await OptionsAsync(browser)), returnUrl);

    private async Task<string> OptionsAsync(Browser browser)
    {
        using var options = await browser.PostAsync("/sign-in/passkeys/options");
        options.StatusCode.ShouldBe(HttpStatusCode.OK);
        return await options.Content.ReadAsStringAsync(_ct);
    }

    private static async Task<string> SendAsync(Browser browser, string credential, string returnUrl = "")
    {
        using var answered = await browser.PostAsync("/sign-in/passkeys", ("credential", credential), ("returnUrl", returnUrl));
        ((int)answered.StatusCode).ShouldBe(303);
        return answered.Headers.Location!.ToString();
    }

    private Task<string?> DetailsAsync(TestMember member, string action) =>
        _host.AsOwnerAsync<string>(
            "select details from audit.entry where actor_id = $1 and action = $2 order by id desc limit 1",
            member.Member.Id,
            action
        );
}
