using System.Net;
using System.Net.Http.Json;
using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Tenet.Accounts;
using Tenet.Accounts.Factors;
using Tenet.Kernel.Http;
using Tenet.Kernel.Workspaces;
using Tenet.Tests.Support;
using Xunit;

namespace Tenet.Tests.Accounts.Factors;

public sealed partial class SecondFactorTests(TestCluster cluster)
{
    private readonly TestHost _host = cluster.Host;
    private readonly CancellationToken _ct = TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_link_alone_opens_nothing_and_the_code_opens_it()
    {
        var user = await UserAsync();
        var browser = await user.ArriveAsync(_ct);
        var half = browser.Cookie!;
        (await browser.IsSignedInAsync()).ShouldBeFalse();
        using (var page = await browser.GetAsync("/members"))
        {
            page.Headers.Location!.ToString().ShouldBe("/sign-in?returnUrl=%2Fmembers");
        }

        (await browser.TypeCodeAsync(user.Code(), "/members")).ShouldBe("/members");

        (await browser.IsSignedInAsync()).ShouldBeTrue();
        browser.Cookie.ShouldNotBe(half, "a new token: one that leaked before is worth nothing");
        (await new Browser(_host, _ct) { Cookie = half }.IsSignedInAsync()).ShouldBeFalse();
        (await AuditedAsync(user, "session.started")).ShouldBe("{\"method\":\"authenticator\"}");
    }

    [Fact]
    public async Task A_code_counts_once_even_when_it_is_sent_many_times_at_once()
    {
        var user = await UserAsync();
        var browsers = new List<Browser>();
        for (var n = 0; n < 4; n++)
        {
            browsers.Add(await user.ArriveAsync(_ct));
        }
        var code = user.Code();

        var ends = await Task.WhenAll(browsers.Select(browser => browser.TypeCodeAsync(code)));

        ends.Count(end => end is "/").ShouldBe(1);
        ends.Count(end => end is "/sign-in/second-factor?notice=wrong").ShouldBe(3);
        var later = await user.ArriveAsync(_ct);
        (await later.TypeCodeAsync(code)).ShouldBe("/sign-in/second-factor?notice=wrong");
    }

    [Fact]
    public async Task Five_wrong_codes_close_the_way_for_a_quarter_of_an_hour_also_for_the_right_one()
    {
        var clock = new MovableTime();
        await using var host = await cluster.StartHostAsync(builder => builder.Services.AddSingleton<TimeProvider>(clock));
        var user = await AppUser.SetUpAsync(host, await host.JoinAsync(await host.OpenWorkspaceAsync(), Access.Agent), _ct);
        var browser = await user.ArriveAsync(_ct);
        for (var n = 0; n < 5; n++)
        {
            (await browser.TypeCodeAsync("000 00" + n)).ShouldBe("/sign-in/second-factor?notice=wrong");
        }
        (await browser.TypeCodeAsync(user.Code())).ShouldBe("/sign-in/second-factor?notice=wait");
        (await browser.TypeCodeAsync(user.RecoveryCodes[0])).ShouldBe("/sign-in/second-factor?notice=wait");

        clock.Move(TimeSpan.FromMinutes(15));
        var again = await user.ArriveAsync(_ct);
        (await again.TypeCodeAsync(user.Code())).ShouldBe("/");
    }

    [Fact]
    public async Task Wrong_codes_at_once_are_all_counted()
    {
        var user = await UserAsync();
        var browser = await user.ArriveAsync(_ct);

        var ends = await Task.WhenAll(Enumerable.Range(0, 12).Select(n => browser.TypeCodeAsync($"0000{n:00}")));

        ends.Count(end => end.EndsWith("wrong", StringComparison.Ordinal)).ShouldBe(5);
        ends.Count(end => end.EndsWith("wait", StringComparison.Ordinal)).ShouldBe(7);
    }

    [Fact]
    public async Task A_recovery_code_signs_in_once_and_the_person_is_written_to()
    {
        var user = await UserAsync();
        user.RecoveryCodes.Count.ShouldBe(10);
        user.RecoveryCodes.ShouldAllBe(code =>
            Regex.IsMatch(code, "^([A-Z2-7]{4}-){3}[A-Z2-7]{4}$", RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(1))
        );
        var (first, second) = (await user.ArriveAsync(_ct), await user.ArriveAsync(_ct));
        var typed = user.RecoveryCodes[3].ToLowerInvariant().Replace('-', ' ');

        var ends = await Task.WhenAll(first.TypeCodeAsync(typed), second.TypeCodeAsync(typed));

        ends.Order(StringComparer.Ordinal).ShouldBe(["/", "/sign-in/second-factor?notice=wrong"]);
        (await AuditedAsync(user, "session.started")).ShouldBe("{\"method\":\"recovery_code\"}");
        using var mailbox = _host.Client();
        await Eventually.HoldsAsync(
            async () => (await mailbox.GetStringAsync("/dev/mail", _ct)).Contains("A recovery code was used", StringComparison.Ordinal),
            "a letter tells of it",
            _ct
        );
    }

    [Fact]
    public async Task Nothing_stored_can_be_typed()
    {
        var user = await UserAsync();
        var factors = _host.Services.GetRequiredService<SecondFactors>();
        var text = (await factors.BeginAppAsync(user.Member.Member.LoginId, _ct)).Text.Replace(" ", "", StringComparison.Ordinal);

        var stored = await _host.AsOwnerAsync<string>(
            "select (select string_agg(a::text, ' ') from accounts.authenticator a) || (select string_agg(c::text, ' ') from accounts.recovery_code c)"
        );

        stored.ShouldNotBeNull();
        stored.ShouldNotContain(text);
        stored.ShouldNotContain(Convert.ToHexStringLower(AppUser.Secret(text)));
        stored.ShouldNotContain(user.RecoveryCodes[0].Replace("-", "", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_second_factor_confirms_anew_who_asks()
    {
        var clock = new MovableTime();
        await using var host = await cluster.StartHostAsync(builder => builder.Services.AddSingleton<TimeProvider>(clock));
        var user = await AppUser.SetUpAsync(host, await host.JoinAsync(await host.OpenWorkspaceAsync(), Access.Owner), _ct);
        clock.Move(TimeSpan.FromMinutes(11));
        var role = $"/api/members/{user.Member.Member.Id}/role";
        using (var old = await user.Member.Client.PutAsJsonAsync(role, new { role = "owner" }, _ct))
        {
            old.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        }
        var browser = new Browser(host, _ct) { Cookie = user.Member.Cookie["tenet_session=".Length..] };
        (await browser.TypeCodeAsync("123456", "/members")).ShouldBe("/sign-in/again?notice=wrong&returnUrl=%2Fmembers");

        (await browser.TypeCodeAsync(user.Code(), "/members")).ShouldBe("/members");

        using var done = await user.Member.Client.PutAsJsonAsync(role, new { role = "owner" }, _ct);
        done.StatusCode.ShouldBe(HttpStatusCode.NoContent);
    }

    [Fact]
    public async Task An_invitation_does_not_step_around_the_second_factor()
    {
        var user = await UserAsync();
        var (door, inviting) = (_host.Door, _host.Services.GetRequiredService<Invitations>());
        var other = await _host.JoinAsync(await _host.OpenWorkspaceAsync(), Access.Owner);
        using (
            var invited = await other.Client.PostAsJsonAsync(
                "/api/invitations",
                new { email = user.Member.Member.Email, role = "agent" },
                _ct
            )
        )
        {
            invited.StatusCode.ShouldBe(HttpStatusCode.Created);
        }
        var link = await _host.NextLinkAsync(user.Member.Member.Email, _ct);
        var browser = new Browser(_host, _ct);

        using var accepted = await browser.PostAsync("/invitations/acceptances", ("token", link.Segments[^1]), ("name", "Robin"));

        accepted.Headers.Location!.ToString().ShouldBe("/sign-in/second-factor");
        (await browser.IsSignedInAsync()).ShouldBeFalse();
        (await browser.TypeCodeAsync(user.Code())).ShouldBe("/");
    }

    [Fact]
    public async Task Where_the_workspace_asks_for_it_a_member_without_one_sets_it_up_at_the_next_sign_in()
    {
        var workspace = await _host.OpenWorkspaceAsync();
        var member = await _host.JoinAsync(workspace, Access.Agent);
        await RequireAsync(workspace);
        var browser = new Browser(_host, _ct);
        (await browser.RedeemAsync(await browser.AskForLinkAsync(member.Member.Email, "/members"))).ShouldBe(
            "/sign-in/set-up?returnUrl=%2Fmembers"
        );
        (await browser.IsSignedInAsync()).ShouldBeFalse();

        var secret = await ShownSecretAsync(browser);
        using (var wrong = await browser.PostAsync("/sign-in/set-up/codes", ("code", "000000"), ("returnUrl", "/members")))
        {
            wrong.Headers.Location!.ToString().ShouldBe("/sign-in/set-up?notice=wrong&returnUrl=%2Fmembers");
        }
        (await ShownSecretAsync(browser)).ShouldBe(secret, "what was scanned stays good");
        var app = new AppUser(_host, member, secret, []);
        using var done = await browser.PostAsync("/sign-in/set-up/codes", ("code", app.Code(-1)), ("returnUrl", "/members"));

        done.StatusCode.ShouldBe(HttpStatusCode.OK);
        done.Headers.CacheControl!.NoStore.ShouldBeTrue();
        done.Headers.GetValues("Content-Security-Policy").Single().ShouldContain("style-src 'self'");
        var codes = RecoveryCode().Matches(await done.Content.ReadAsStringAsync(_ct)).Select(match => match.Value).ToList();
        codes.Count.ShouldBe(10);
        (await browser.IsSignedInAsync()).ShouldBeTrue();
        var next = await app.ArriveAsync(_ct);
        (await next.TypeCodeAsync(codes[0])).ShouldBe("/");
    }

    [Fact]
    public async Task Going_over_to_a_workspace_that_asks_for_it_leads_there_too()
    {
        var (a, b) = (await _host.OpenWorkspaceAsync(), await _host.OpenWorkspaceAsync());
        var member = await _host.JoinAsync(a, Access.Viewer);
        await _host.Services.GetRequiredService<Members>().CreateOwnerAsync(b.Id, member.Member.Email, "Robin", _ct);
        await RequireAsync(b);
        var browser = new Browser(_host, _ct) { Cookie = member.Cookie["tenet_session=".Length..] };

        using var switched = await browser.PostAsync("/session/workspace", ("workspaceId", b.Id.ToString()));

        switched.Headers.Location!.ToString().ShouldBe("/sign-in/set-up");
        (await browser.IsSignedInAsync()).ShouldBeFalse();
    }

    [Fact]
    public async Task Without_a_sign_in_under_way_the_pages_and_forms_do_nothing()
    {
        foreach (var cookie in new[] { null, Tenet.Kernel.Secrets.Token(), (await UserAsync()).Member.Cookie["tenet_session=".Length..] })
        {
            var browser = new Browser(_host, _ct) { Cookie = cookie };
            foreach (var page in new[] { "/sign-in/second-factor", "/sign-in/set-up" })
            {
                using var shown = await browser.GetAsync(page);
                (await shown.Content.ReadAsStringAsync(_ct)).ShouldContain("no sign-in under way");
            }
            using var setUp = await browser.PostAsync("/sign-in/set-up/codes", ("code", "123456"));
            setUp.Headers.Location!.ToString().ShouldBe("/sign-in?notice=expired");
        }
        (await new Browser(_host, _ct).TypeCodeAsync("123456")).ShouldBe("/sign-in?notice=expired");
    }

    [Fact]
    public async Task A_half_finished_sign_in_waits_ten_minutes()
    {
        var clock = new MovableTime();
        await using var host = await cluster.StartHostAsync(builder => builder.Services.AddSingleton<TimeProvider>(clock));
        var user = await AppUser.SetUpAsync(host, await host.JoinAsync(await host.OpenWorkspaceAsync(), Access.Agent), _ct);
        var browser = await user.ArriveAsync(_ct);

        clock.Move(TimeSpan.FromMinutes(10));

        (await browser.TypeCodeAsync(user.Code())).ShouldBe("/sign-in?notice=expired");
    }

    [Fact]
    public async Task Who_has_lost_everything_is_let_in_by_link_alone_once_the_operator_removed_the_factors()
    {
        var user = await UserAsync();
        await _host.Services.GetRequiredService<SecondFactorReset>().RunAsync(user.Member.Member.Email.ToUpperInvariant(), _ct);

        var link = await _host.Services.GetRequiredService<SignInLinks>().CreateForOperatorAsync(user.Member.Member.Email, _ct);
        (await new Browser(_host, _ct).RedeemAsync(link.Segments[^1])).ShouldBe("/");
        await Should.ThrowAsync<NotFoundException>(() =>
            _host.Services.GetRequiredService<SecondFactorReset>().RunAsync("nobody@example.org", _ct)
        );
    }

    [Fact]
    public async Task With_the_last_membership_go_the_factors()
    {
        var workspace = await _host.OpenWorkspaceAsync();
        var owner = await _host.JoinAsync(workspace, Access.Owner);
        var user = await AppUser.SetUpAsync(_host, await _host.JoinAsync(workspace, Access.Agent), _ct);
        var browser = await user.ArriveAsync(_ct);
        using (var asked = await browser.PostAsync("/sign-in/passkeys/options"))
        {
            asked.StatusCode.ShouldBe(HttpStatusCode.OK);
        }

        (await owner.Client.DeleteAsync($"/api/members/{user.Member.Member.Id}", _ct)).StatusCode.ShouldBe(HttpStatusCode.NoContent);

        await _host.WaitUntilAsync("select not exists (select from accounts.login where id = $1)", user.Member.Member.LoginId);
    }

    private async Task<AppUser> UserAsync() =>
        await AppUser.SetUpAsync(_host, await _host.JoinAsync(await _host.OpenWorkspaceAsync(), Access.Agent), _ct);

    private Task RequireAsync(Workspace workspace) =>
        _host.Door.RunAsync(workspace.Id, Actor.System, ctx => SignInPolicy.RequireFactorAsync(ctx, true, _ct), _ct);

    private async Task<byte[]> ShownSecretAsync(Browser browser)
    {
        using var page = await browser.GetAsync("/sign-in/set-up");
        return AppUser.Secret(ShownSecret().Match(await page.Content.ReadAsStringAsync(_ct)).Groups["key"].Value);
    }

    private Task<string?> AuditedAsync(AppUser user, string action) =>
        _host.AsOwnerAsync<string>(
            "select details from audit.entry where actor_id = $1 and action = $2 order by id desc limit 1",
            user.Member.Member.Id,
            action
        );

    [GeneratedRegex("secret-key\"[^>]*>(?<key>[A-Z2-7 ]+)<", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex ShownSecret();

    [GeneratedRegex("([A-Z2-7]{4}-){3}[A-Z2-7]{4}", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex RecoveryCode();
}
