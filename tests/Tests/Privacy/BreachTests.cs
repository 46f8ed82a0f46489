using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Tenet.Kernel.Http;
using Tenet.Kernel.Policies;
using Tenet.Kernel.Workspaces;
using Tenet.Privacy.Breaches;
using Tenet.Tests.Inbox;
using Tenet.Tests.Support;
using Xunit;

namespace Tenet.Tests.Privacy;

public sealed class BreachTests(TestCluster cluster)
{
    private readonly CancellationToken _ct = TestContext.Current.CancellationToken;

    private BreachRegister Register => cluster.Host.Services.GetRequiredService<BreachRegister>();

    [Fact]
    public async Task The_people_concerned_are_counted_from_the_data_map_each_once()
    {
        var workspace = await cluster.Host.OpenWorkspaceAsync();
        var owner = await cluster.Host.JoinAsync(workspace, Access.Owner);
        using var one = await WidgetVisitor.ArriveAsync(cluster.Host, workspace);
        using var two = await WidgetVisitor.ArriveAsync(cluster.Host, workspace);
        using var silent = await WidgetVisitor.ArriveAsync(cluster.Host, workspace);
        await one.SayAsync("First?");
        await one.SayAsync("Second?");
        await two.SayAsync("Third?");

        (await OpenAsync(workspace, owner, new NewBreach("Messages seen", "Somebody saw messages.", ["inbox.message"]))).People.ShouldBe(2);
        (await OpenAsync(workspace, owner, new NewBreach("Visitors seen", "Somebody saw visitors.", ["inbox.visitor"]))).People.ShouldBe(3);
        (await OpenAsync(workspace, owner, new NewBreach("Everything", "Somebody saw everything."))).People.ShouldBe(4);
    }

    [Fact]
    public async Task A_breach_goes_its_way_and_closes_only_when_the_authority_was_told_and_measures_are_written()
    {
        var workspace = await cluster.Host.OpenWorkspaceAsync();
        var owner = await cluster.Host.JoinAsync(workspace, Access.Owner);
        var id = (await OpenAsync(workspace, owner, new NewBreach("Laptop lost", "A laptop was lost."))).Id;
        await RunAsync(workspace, owner, ctx => Register.AdvanceAsync(ctx, id, null, _ct));
        await RunAsync(workspace, owner, ctx => Register.AdvanceAsync(ctx, id, null, _ct));
        await RunAsync(workspace, owner, ctx => Register.AdvanceAsync(ctx, id, null, _ct));

        (
            await Should.ThrowAsync<ConflictException>(() => RunAsync(workspace, owner, ctx => Register.AdvanceAsync(ctx, id, null, _ct)))
        ).Message.ShouldContain("authority");
        await RunAsync(workspace, owner, ctx => Register.TellAsync(ctx, id, BreachNotice.Authority, null, _ct));
        await Should.ThrowAsync<ConflictException>(() => RunAsync(workspace, owner, ctx => Register.AdvanceAsync(ctx, id, null, _ct)));
        await RunAsync(workspace, owner, ctx => Register.DescribeAsync(ctx, id, "It was wiped.", "Change your password.", _ct));
        await RunAsync(workspace, owner, ctx => Register.AdvanceAsync(ctx, id, "Done.", _ct));

        var breach = await ReadAsync(workspace, id);
        (breach.State, breach.ClosedAt is not null, breach.AuthorityDueAt - breach.AwareAt).ShouldBe(
            (BreachState.Closed, true, TimeSpan.FromHours(72))
        );
        var steps = await cluster.Host.Door.RunAsync(workspace.Id, Actor.System, ctx => BreachRows.StepsAsync(ctx, id, _ct), _ct);
        steps.Select(step => step.Kind).ShouldBe(["suspected", "confirmed", "contained", "mitigated", "authority", "closed"]);
        var report = await owner.Client.GetByteArrayAsync($"/breaches/{id}/report.pdf", _ct);
        Encoding.Latin1.GetString(report).ShouldStartWith("%PDF-1.4");
        Encoding.Latin1.GetString(report).TrimEnd().ShouldEndWith("%%EOF");
    }

    [Fact]
    public async Task Who_is_late_must_say_why_and_the_promise_is_broken_until_they_do()
    {
        await using var host = await cluster.StartHostAsync(background: false);
        var workspace = await host.OpenWorkspaceAsync();
        var owner = await host.JoinAsync(workspace, Access.Owner);
        var register = host.Services.GetRequiredService<BreachRegister>();
        Task<T> Run<T>(Func<WorkspaceContext, Task<T>> work) => host.Door.RunAsync(workspace.Id, Actor.Member(owner.Member.Id), work, _ct);
        var policy = host
            .Services.GetRequiredService<PolicyBook>()
            .Read([("house.yaml", File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "policies", "house.yaml")))]);
        var claim = policy.Claims.Select(found => found.Claim).Single(found => found.Kind.Name == BreachClock.Kind);
        async Task<Verdict> ProbeAsync() =>
            (
                await claim.Kind.ProbeAsync(new ProbeRun(workspace.Id, policy, host.Door, host.Services, DateTimeOffset.UtcNow), claim, _ct)
            ).Verdict;
        (await ProbeAsync()).ShouldBe(Verdict.Holds);

        var late = new NewBreach("Old", "Found in a drawer.", AwareAt: DateTimeOffset.UtcNow.AddHours(-73));
        await Run(ctx => register.OpenAsync(ctx, late with { IsDrill = true }, _ct));
        (await ProbeAsync()).ShouldBe(Verdict.Holds, "a drill breaks no promise");
        var id = await Run(ctx => register.OpenAsync(ctx, late, _ct));
        (await ProbeAsync()).ShouldBe(Verdict.Broken);
        await Should.ThrowAsync<RuleException>(() =>
            Run(async ctx =>
            {
                await register.TellAsync(ctx, id, BreachNotice.Authority, "late", _ct);
                return true;
            })
        );
        await Run(async ctx =>
        {
            await register.TellAsync(ctx, id, BreachNotice.Authority, "Nobody looked into the drawer.", _ct);
            return true;
        });
        (await ProbeAsync()).ShouldBe(Verdict.Holds);
    }

    [Fact]
    public async Task Drafts_say_what_happened_which_data_measures_what_to_do_and_whom_to_ask_and_a_drill_says_that_it_is_one()
    {
        var workspace = await cluster.Host.OpenWorkspaceAsync();
        var owner = await cluster.Host.JoinAsync(workspace, Access.Owner);
        var breach = await OpenAsync(workspace, owner, new NewBreach("Drill", "A mail went astray.", ["inbox.visitor"], IsDrill: true));
        var tables = (await Register.TablesAsync(_ct)).Where(table => breach.Tables.Contains(table.Table)).ToList();

        var letter = BreachDrafts.ToPeople(
            breach with
            {
                Measures = "Recalled.",
                Advice = "Beware.",
            },
            tables,
            new("Shop", "dpo@example.org", null)
        );

        letter.ShouldStartWith("DRILL");
        foreach (var said in new[] { "A mail went astray.", "e-mail address", "Recalled.", "Beware.", "dpo@example.org" })
        {
            letter.ShouldContain(said);
        }
        BreachDrafts.ToAuthority(breach, tables, new("Shop", "dpo@example.org", null)).ShouldContain("Article 33");
    }

    private Task<Breach> OpenAsync(Workspace workspace, TestMember owner, NewBreach breach) =>
        cluster.Host.Door.RunAsync(
            workspace.Id,
            Actor.Member(owner.Member.Id),
            async ctx => await BreachRows.FindAsync(ctx, await Register.OpenAsync(ctx, breach, _ct), _ct),
            _ct
        );

    private Task RunAsync(Workspace workspace, TestMember owner, Func<WorkspaceContext, Task> work) =>
        cluster.Host.Door.RunAsync(workspace.Id, Actor.Member(owner.Member.Id), work, _ct);

    private Task<Breach> ReadAsync(Workspace workspace, Guid id) =>
        cluster.Host.Door.RunAsync(workspace.Id, Actor.System, ctx => BreachRows.FindAsync(ctx, id, _ct), _ct);
}
