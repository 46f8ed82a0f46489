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

public sealed class OperatorBreachTests(TestCluster cluster)
{
    private readonly CancellationToken _ct = TestContext.Current.CancellationToken;

    [Fact]
    public async Task Each_workspace_is_told_its_own_part_and_sees_nothing_of_the_others()
    {
        await using var host = await cluster.StartHostAsync(background: false);
        var breaches = host.Services.GetRequiredService<OperatorBreaches>();
        var (first, second, bystander) = (await OpenAsync(host, 2), await OpenAsync(host, 1), await OpenAsync(host, 0));

        var number = await breaches.OpenAsync(New() with { Data = ["inbox"] }, _ct);
        (await breaches.TellAsync(number, null, _ct)).ShouldBe(0);

        var sheet = await breaches.FindAsync(number, _ct);
        long? People(Workspace workspace) => sheet.Parts.Single(one => one.Part.Concerned == workspace.Id).Part.People;
        (People(first), People(second), People(bystander)).ShouldBe((2, 1, 0));
        sheet.Parts.Single(one => one.Part.Concerned == bystander.Id).Part.HasNothing.ShouldBeTrue();
        (await PartsAsync(host, bystander)).ShouldBeEmpty();
        var part = (await PartsAsync(host, first)).ShouldHaveSingleItem();
        (part.IsOperators, part.People, part.CustomersToldAt is not null, part.OperatorsAwareAt).ShouldBe(
            (true, 2L, true, sheet.Breach.AwareAt)
        );
        (part.AuthorityDueAt - part.AwareAt).ShouldBe(TimeSpan.FromHours(72), "the workspace became aware when it was told");
        part.Tables.ShouldAllBe(table => table.StartsWith("inbox.", StringComparison.Ordinal));
        (await LettersAsync(host, first)).ShouldBe(1);
        foreach (var word in new[] { second.Slug, second.Name, second.Id.ToString() })
        {
            (
                await host.AsOwnerAsync<bool>(
                    "select bool_or(strpos(b::text || coalesce((select string_agg(s::text, ' ') from privacy.breach_step s where s.breach_id = b.id), ''), $2) > 0) from privacy.breach b where workspace_id = $1",
                    first.Id,
                    word
                )
            ).ShouldBeFalse(word);
        }
        Encoding.Latin1.GetString(await breaches.ReportAsync(number, DateTimeOffset.UtcNow, _ct)).ShouldStartWith("%PDF-1.4");
    }

    [Fact]
    public async Task Telling_again_after_a_kill_in_between_tells_nobody_twice_and_a_round_tells_who_was_left_out()
    {
        await using var host = await cluster.StartHostAsync(background: false);
        var breaches = host.Services.GetRequiredService<OperatorBreaches>();
        var (first, second) = (await OpenAsync(host, 1), await OpenAsync(host, 1));
        var number = await breaches.OpenAsync(New(), _ct);
        var tell = host.Services.GetRequiredService<TellCustomer>();
        await tell.TellAsync((await breaches.FindAsync(number, _ct)).Breach, first.Id, _ct);
        // As if the end had come between the workspace's commit and the operator's.
        await host.AsOwnerAsync<object>(
            "update privacy.operator_breach_part set told_at = null, told_of = null where concerned = $1",
            first.Id
        );

        var policy = await host.Services.GetRequiredService<PolicyBook>().OfAsync(first.Id, _ct);
        foreach (var workspace in new[] { first, second, first, second })
        {
            await tell.RunAsync(workspace.Id, policy, _ct);
        }

        foreach (var workspace in new[] { first, second })
        {
            (await PartsAsync(host, workspace)).Count.ShouldBe(1);
            (await LettersAsync(host, workspace)).ShouldBe(1);
        }
        (await breaches.FindAsync(number, _ct)).Parts.ShouldAllBe(one => one.Part.ToldAt != null);
    }

    [Fact]
    public async Task The_operator_moves_all_parts_on_and_each_workspace_closes_its_own()
    {
        await using var host = await cluster.StartHostAsync(background: false);
        var breaches = host.Services.GetRequiredService<OperatorBreaches>();
        var register = host.Services.GetRequiredService<BreachRegister>();
        var workspace = await OpenAsync(host, 1);
        var number = await breaches.OpenAsync(New() with { Workspaces = [workspace.Slug] }, _ct);
        await breaches.TellAsync(number, null, _ct);
        var id = (await PartsAsync(host, workspace)).Single().Id;
        Task DoAsync(Func<WorkspaceContext, Task> work) => host.Door.RunAsync(workspace.Id, Actor.System, work, _ct);
        await Should.ThrowAsync<ConflictException>(() => DoAsync(ctx => register.AdvanceAsync(ctx, id, null, _ct)));

        await breaches.AdvanceAsync(number, "The door stood open.", _ct);
        await breaches.AdvanceAsync(number, null, _ct);
        await breaches.AdvanceAsync(number, null, _ct);
        (await Should.ThrowAsync<ConflictException>(() => breaches.AdvanceAsync(number, null, _ct))).Message.ShouldContain("what was done");
        await breaches.DescribeAsync(number, "The door is shut.", _ct);
        await breaches.AdvanceAsync(number, null, _ct);
        await breaches.TellAsync(number, null, _ct);

        var part = (await PartsAsync(host, workspace)).Single();
        (part.State, part.Measures).ShouldBe((BreachState.Mitigated, "The door is shut."));
        var said = await host.Door.RunAsync(workspace.Id, Actor.System, ctx => BreachRows.StepsAsync(ctx, id, _ct), _ct);
        said.ShouldContain(step => step.Text.Contains("The door stood open."));
        (await LettersAsync(host, workspace)).ShouldBe(2, "the notice, and one letter with all the news");
        await DoAsync(ctx => register.TellAsync(ctx, id, BreachNotice.NotTheAuthority, "Nobody came in meanwhile.", _ct));
        await DoAsync(ctx => register.AdvanceAsync(ctx, id, null, _ct));
        (await PartsAsync(host, workspace)).Single().State.ShouldBe(BreachState.Closed);
    }

    [Fact]
    public async Task A_drill_counts_everybody_and_tells_nobody()
    {
        await using var host = await cluster.StartHostAsync(background: false);
        var breaches = host.Services.GetRequiredService<OperatorBreaches>();
        var workspace = await OpenAsync(host, 1);

        var number = await breaches.OpenAsync(New() with { IsDrill = true }, _ct);
        await breaches.TellAsync(number, null, _ct);

        var part = (await breaches.FindAsync(number, _ct)).Parts.Single(one => one.Part.Concerned == workspace.Id).Part;
        (part.People, part.ToldAt).ShouldBe((2L, null));
        (await PartsAsync(host, workspace)).ShouldBeEmpty();
        (await LettersAsync(host, workspace)).ShouldBe(0);
    }

    [Fact]
    public async Task Who_tells_customers_late_says_why_before_it_can_be_closed()
    {
        await using var host = await cluster.StartHostAsync(background: false);
        var breaches = host.Services.GetRequiredService<OperatorBreaches>();
        var workspace = await OpenAsync(host, 1);
        var number = await breaches.OpenAsync(New() with { AwareAt = DateTimeOffset.UtcNow.AddDays(-30) }, _ct);
        await breaches.TellAsync(number, null, _ct);
        await breaches.DescribeAsync(number, "Mended.", _ct);
        for (var step = 0; step < 3; step++)
        {
            await breaches.AdvanceAsync(number, null, _ct);
        }
        await breaches.TellAsync(number, null, _ct);

        (await Should.ThrowAsync<ConflictException>(() => breaches.AdvanceAsync(number, null, _ct))).Message.ShouldContain("late");
        await breaches.ExplainAsync(number, "Nobody had looked there.", _ct);
        await breaches.TellAsync(number, null, _ct);
        await breaches.AdvanceAsync(number, null, _ct);

        (await PartsAsync(host, workspace)).Single().CustomersLate.ShouldBe("Nobody had looked there.");
        await Should.ThrowAsync<RuleException>(() => breaches.OpenAsync(New() with { Workspaces = ["nobody-here"] }, _ct));
    }

    private static NewOperatorBreach New() => new("Backup seen", "A copy of the database was open for an hour.", [], []);

    /// <summary>A workspace with one owner and some visitors.</summary>
    private static async Task<Workspace> OpenAsync(TestHost host, int visitors)
    {
        var workspace = await host.OpenWorkspaceAsync();
        await host.JoinAsync(workspace, Access.Owner);
        for (var visitor = 0; visitor < visitors; visitor++)
        {
            using var arrived = await WidgetVisitor.ArriveAsync(host, workspace);
        }
        return workspace;
    }

    private Task<List<Breach>> PartsAsync(TestHost host, Workspace workspace) =>
        host.Door.RunAsync(workspace.Id, Actor.System, ctx => BreachRows.ListAsync(ctx, _ct), _ct);

    private static Task<long> LettersAsync(TestHost host, Workspace workspace) =>
        host.AsOwnerAsync<long>("select count(*) from kernel.mail where workspace_id = $1", workspace.Id);
}
