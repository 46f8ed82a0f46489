using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Tenet.Kernel.Policies;
using Tenet.Kernel.Workspaces;
using Tenet.Privacy.Notices;
using Tenet.Tests.Support;
using Xunit;

namespace Tenet.Tests.Privacy;

/// <summary>On a database of its own, where another version of the policy is announced.</summary>
public sealed class ChangeNoticeTests(TestCluster cluster) : IAsyncLifetime
{
    private TestHost _host = null!;
    private Workspace _workspace = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;
    private PolicyBook Book => _host.Services.GetRequiredService<PolicyBook>();

    public async ValueTask InitializeAsync()
    {
        _host = await cluster.StartHostAsync(background: false, settings: options => options with { Policies = new PolicyOptions("shop") });
        await PublishAsync("1", "7 days", null);
        _workspace = await _host.OpenWorkspaceAsync();
        await _host.JoinAsync(_workspace, "owner", "owner@example.org");
        await _host.JoinAsync(_workspace, "admin", "admin@example.org");
        await _host.JoinAsync(_workspace, "agent", "agent@example.org");
    }

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task Owners_and_admins_are_told_once_and_the_pages_say_it()
    {
        await PublishAsync("2", "9 days", DateOnly.FromDateTime(DateTime.UtcNow).AddDays(40));

        await AnnounceAsync();
        await AnnounceAsync();

        var mailbox = await PublicPagesTests.PageAsync(_host, "/dev/mail");
        mailbox.Split("The privacy policy changes on").Length.ShouldBe(3);
        mailbox.ShouldContain("owner@example.org");
        mailbox.ShouldContain("admin@example.org");
        mailbox.ShouldNotContain("agent@example.org");
        (await PublicPagesTests.PageAsync(_host, $"/trust/{_workspace.Slug}")).ShouldContain("version 2 applies");
        var versions = await PublicPagesTests.PageAsync(_host, "/privacy/versions");
        versions.ShouldContain("<del>retention: of kernel.events, keep 7 days</del>");
        versions.ShouldContain("<ins>retention: of kernel.events, keep 9 days</ins>");
        (await StateAsync()).ShouldBe(PromiseState.Holds);
    }

    [Theory]
    [InlineData("update kernel.policy_version set effective = published_at::date + 29 where version = '2'")]
    [InlineData("update kernel.policy_version set effective = current_date where version = '2'")]
    [InlineData("update kernel.policy_notice set announced_at = announced_at + interval '11 days' where version = '2'")]
    [InlineData(
        "delete from kernel.policy_notice; update kernel.policy_version set published_at = published_at - interval '2 hours'; update kernel.workspace set created_at = created_at - interval '1 day'"
    )]
    public async Task A_version_that_takes_effect_without_its_notice_breaks_the_promise(string sabotage)
    {
        await PublishAsync("2", "9 days", DateOnly.FromDateTime(DateTime.UtcNow).AddDays(40));
        await AnnounceAsync();
        (await StateAsync()).ShouldBe(PromiseState.Holds);

        await _host.AsOwnerAsync<int>(sabotage);

        (await StateAsync()).ShouldBe(PromiseState.Broken);
    }

    private async Task AnnounceAsync()
    {
        var policy = await Book.OfAsync(_workspace.Id, Ct);
        await _host.Services.GetRequiredService<AnnounceVersion>().RunAsync(_workspace.Id, policy, Ct);
    }

    private async Task<PromiseState> StateAsync()
    {
        Book.Forget();
        var policy = await Book.OfAsync(_workspace.Id, Ct);
        return (await _host.Services.GetRequiredService<Prober>().LookAsync(_workspace.Id, policy, Ct))
            .Single(report => report.Promise.Id == "shop.2")
            .State;
    }

    private Task<PublishedVersion> PublishAsync(string version, string keep, DateOnly? effective) =>
        _host
            .Services.GetRequiredService<PublishPolicy>()
            .RunAsync(
                [
                    (
                        "shop.yaml",
                        Encoding.UTF8.GetBytes(
                            $"""
                            policy: shop
                            version: {version}
                            effective: 2026-01-01
                            notice: 30 days
                            promises:
                              - id: shop.1
                                says: Events end.
                                claim: retention
                                of: kernel.events
                                keep: {keep}
                              - id: shop.2
                                says: Changes are announced.
                                claim: change_notice
                            """
                        )
                    ),
                ],
                effective,
                Ct
            );
}
