using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Tenet.Kernel.Http;
using Tenet.Tests.Support;
using Xunit;

namespace Tenet.Tests.Accounts;

/// <summary>A machine whose clock is put forward or back, by hand or by its time server, while people are signed in.</summary>
public sealed class ClockJumpTests(TestCluster cluster)
{
    private readonly CancellationToken _ct = TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_clock_put_back_keeps_sessions_and_revives_no_link_that_was_used()
    {
        var clock = new ShiftedTime();
        await using var host = await cluster.StartHostAsync(builder => builder.Services.AddSingleton<TimeProvider>(clock));
        var email = (await host.JoinAsync(await host.OpenWorkspaceAsync(), Access.Agent)).Member.Email;
        var browser = new Browser(host, _ct);
        var used = await browser.AskForLinkAsync(email);
        (await browser.RedeemAsync(used)).ShouldBe("/");
        var pending = await new Browser(host, _ct).AskForLinkAsync(email);

        clock.Advance(TimeSpan.FromHours(-5));

        (await browser.IsSignedInAsync()).ShouldBeTrue();
        (await browser.RedeemAsync(used)).ShouldNotBe("/");
        var again = new Browser(host, _ct);
        (await again.RedeemAsync(await again.AskForLinkAsync(email))).ShouldBe("/");
        // Asked for in what is now the future, in another browser.
        (await new Browser(host, _ct).RedeemAsync(pending)).ShouldBe("/sign-in?notice=other-browser");
    }

    [Fact]
    public async Task A_clock_put_forward_by_an_hour_for_a_moment_signs_nobody_out()
    {
        var clock = new ShiftedTime();
        await using var host = await cluster.StartHostAsync(builder => builder.Services.AddSingleton<TimeProvider>(clock));
        var member = await host.JoinAsync(await host.OpenWorkspaceAsync(), Access.Agent);
        (await member.Client.GetAsync("/api/members", _ct)).StatusCode.ShouldBe(HttpStatusCode.OK);

        clock.Advance(TimeSpan.FromHours(1));
        (await member.Client.GetAsync("/api/members", _ct)).StatusCode.ShouldBe(HttpStatusCode.OK);
        clock.Advance(TimeSpan.FromHours(-1));

        (await member.Client.GetAsync("/api/members", _ct)).StatusCode.ShouldBe(HttpStatusCode.OK);
        await host.AsOwnerAsync<int>("delete from accounts.session");
        // What is remembered of a session is counted by a clock that nobody can set.
        await Eventually.HoldsAsync(
            async () =>
            {
                try
                {
                    return (await member.Client.GetAsync("/api/members", _ct)).StatusCode == HttpStatusCode.Unauthorized;
                }
                catch (HttpRequestException)
                {
                    // A request of a session that ends is cut.
                    return false;
                }
            },
            "the ended session is refused",
            _ct
        );
    }
}
