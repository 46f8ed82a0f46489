using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Tenet.Kernel.Http;
using Tenet.Kernel.Jobs;
using Tenet.Kernel.Workspaces;
using Tenet.Privacy.Breaches;
using Tenet.Privacy.Requests;
using Tenet.Tests.Support;
using Xunit;

namespace Tenet.Tests.Privacy;

public sealed class PeopleNoticeTests(TestCluster cluster)
{
    private readonly CancellationToken _ct = TestContext.Current.CancellationToken;

    [Fact]
    public async Task Everybody_concerned_with_an_address_gets_one_letter_restricted_or_not_and_the_erased_none()
    {
        await using var host = await cluster.StartHostAsync(background: false);
        var (workspace, breach) = await ConfirmedAsync(host);
        await PlantAsync(host, workspace, "twice@example.org");
        await PlantAsync(host, workspace, "Twice@Example.org");
        var restricted = await PlantAsync(host, workspace, "restricted@example.org");
        var erased = await PlantAsync(host, workspace, "erased@example.org");
        await PlantAsync(host, workspace, null);
        await host.AsOwnerAsync<object>(
            "insert into kernel.restriction (workspace_id, person_id, since) values ($1, $2, now())",
            workspace.Id,
            restricted
        );
        var begin = host.Services.GetRequiredService<BeginPeopleNotice>();
        (await RunAsync(host, workspace, ctx => begin.PreviewAsync(ctx, breach, _ct))).ShouldBe(new Reach(5, 3));
        var notice = await RunAsync(host, workspace, ctx => BeginPeopleNotice.RunAsync(ctx, breach, _ct));
        await host.AsOwnerAsync<object>("delete from inbox.visitor where workspace_id = $1 and id = $2", workspace.Id, erased);

        await SendAsync(host, workspace, notice);
        // Again, as after a kill before the job's end was written down.
        await SendAsync(host, workspace, notice);

        (await LettersAsync(host, workspace)).ShouldBe(2);
        var said = (await RunAsync(host, workspace, ctx => PeopleNotice.OfAsync(ctx, breach, _ct)))!;
        (said.State, said.People, said.Addresses, said.Sent).ShouldBe((NoticeState.Done, 4, 2, 2));
        (await RunAsync(host, workspace, ctx => BreachRows.FindAsync(ctx, breach, _ct))).PeopleToldAt.ShouldNotBeNull();
        var steps = await RunAsync(host, workspace, ctx => BreachRows.StepsAsync(ctx, breach, _ct));
        steps.Count(step => step.Kind == "people").ShouldBe(1);
        steps[^1].Text.ShouldNotContain("@");
        await Should.ThrowAsync<ConflictException>(() => RunAsync(host, workspace, ctx => BeginPeopleNotice.RunAsync(ctx, breach, _ct)));
    }

    [Fact]
    public async Task Who_goes_while_it_is_sent_is_not_written_to_and_counted_as_gone()
    {
        await using var host = await cluster.StartHostAsync(background: false);
        var (workspace, breach) = await ConfirmedAsync(host);
        await PlantAsync(host, workspace, "stays@example.org");
        var gone = await PlantAsync(host, workspace, "gone@example.org");
        var notice = await RunAsync(host, workspace, ctx => BeginPeopleNotice.RunAsync(ctx, breach, _ct));
        // The addresses were collected, and then one was taken away.
        await host.AsOwnerAsync<object>(
            """
            with gathered as (
              insert into privacy.notice_recipient (workspace_id, notice_id, person_id)
              select workspace_id, $2, id from inbox.visitor where workspace_id = $1),
            cleared as (update inbox.visitor set email = null where workspace_id = $1 and id = $3)
            update privacy.people_notice set state = 'sending', people = 2, addresses = 2 where id = $2
            """,
            workspace.Id,
            notice,
            gone
        );

        await SendAsync(host, workspace, notice);

        var said = (await RunAsync(host, workspace, ctx => PeopleNotice.OfAsync(ctx, breach, _ct)))!;
        (said.Sent, said.Gone).ShouldBe((1, 1));
        (await LettersAsync(host, workspace)).ShouldBe(1);
    }

    [Fact]
    public async Task A_drill_does_everything_but_the_letters()
    {
        await using var host = await cluster.StartHostAsync(background: false);
        var (workspace, breach) = await ConfirmedAsync(host, isDrill: true);
        await PlantAsync(host, workspace, "kim@example.org");

        var notice = await RunAsync(host, workspace, ctx => BeginPeopleNotice.RunAsync(ctx, breach, _ct));
        await SendAsync(host, workspace, notice);

        (await LettersAsync(host, workspace)).ShouldBe(0);
        var said = (await RunAsync(host, workspace, ctx => PeopleNotice.OfAsync(ctx, breach, _ct)))!;
        SendPeopleNotice.Result(said).ShouldContain("were this no drill: 1.");
    }

    [Fact]
    public async Task Nothing_is_sent_about_a_suspicion_or_before_measures_and_advice_are_written()
    {
        await using var host = await cluster.StartHostAsync(background: false);
        var workspace = await host.OpenWorkspaceAsync();
        var register = host.Services.GetRequiredService<BreachRegister>();
        var id = await RunAsync(host, workspace, ctx => register.OpenAsync(ctx, new NewBreach("Lost", "A laptop was lost."), _ct));
        Task<ConflictException> RefusedAsync() =>
            Should.ThrowAsync<ConflictException>(() => RunAsync(host, workspace, ctx => BeginPeopleNotice.RunAsync(ctx, id, _ct)));

        (await RefusedAsync()).Message.ShouldContain("suspicion");
        await DoAsync(host, workspace, ctx => register.AdvanceAsync(ctx, id, null, _ct));
        (await RefusedAsync()).Message.ShouldContain("what people can do");
    }

    [Fact]
    public async Task The_notice_speaks_each_persons_language_around_the_words_of_the_register()
    {
        await using var host = await cluster.StartHostAsync(background: false);
        var tables = (await host.Services.GetRequiredService<BreachRegister>().TablesAsync(_ct)).Where(table =>
            table.Table == "inbox.visitor"
        );
        foreach (var (language, words) in new[] { ("en", "What you can do"), ("de", "Was Sie tun können"), ("vi", "Bạn có thể làm gì") })
        {
            var text = PeopleNoticeText.Write(
                RequestTexts.Of(language),
                "It was {advice}.",
                "Shut.",
                "Beware.",
                tables,
                new BreachSender("Shop", "dpo@example.org", null)
            );

            text.ShouldContain(words);
            // What somebody wrote never becomes a place to be filled.
            text.ShouldContain("It was {advice}.");
            text.ShouldNotContain("user.");
        }
    }

    private async Task<(Workspace Workspace, Guid Breach)> ConfirmedAsync(TestHost host, bool isDrill = false)
    {
        var workspace = await host.OpenWorkspaceAsync();
        await host.JoinAsync(workspace, Access.Owner);
        var register = host.Services.GetRequiredService<BreachRegister>();
        var id = await RunAsync(
            host,
            workspace,
            ctx => register.OpenAsync(ctx, new NewBreach("Seen", "Visitors were seen.", ["inbox.visitor"], isDrill), _ct)
        );
        await DoAsync(host, workspace, ctx => register.DescribeAsync(ctx, id, "Shut.", "Beware.", _ct));
        await DoAsync(host, workspace, ctx => register.AdvanceAsync(ctx, id, null, _ct));
        return (workspace, id);
    }

    private static async Task<Guid> PlantAsync(TestHost host, Workspace workspace, string? email)
    {
        var id = Guid.CreateVersion7();
        await host.AsOwnerAsync<object>(
            "insert into inbox.visitor (workspace_id, id, email, language, created_at, seen_at) values ($1, $2, $3, 'de', now(), now())",
            workspace.Id,
            id,
            (object?)email ?? DBNull.Value
        );
        return id;
    }

    private async Task SendAsync(TestHost host, Workspace workspace, Guid notice)
    {
        await using var scope = host.Services.CreateAsyncScope();
        await scope
            .ServiceProvider.GetRequiredService<SendPeopleNotice>()
            .RunAsync(new JobRun(workspace.Id, Guid.CreateVersion7(), notice, 1), _ct);
    }

    private Task<T> RunAsync<T>(TestHost host, Workspace workspace, Func<WorkspaceContext, Task<T>> work) =>
        host.Door.RunAsync(workspace.Id, Actor.System, work, _ct);

    private Task DoAsync(TestHost host, Workspace workspace, Func<WorkspaceContext, Task> work) =>
        host.Door.RunAsync(workspace.Id, Actor.System, work, _ct);

    private static Task<long> LettersAsync(TestHost host, Workspace workspace) =>
        host.AsOwnerAsync<long>("select count(*) from kernel.mail where workspace_id = $1", workspace.Id);
}
