using Microsoft.AspNetCore.Http;
using Tenet.Kernel.Http;
using Tenet.Kernel.Policies;
using Tenet.Kernel.Workspaces;

namespace Tenet.Inbox.Widget;

/// <summary>
/// Where it is on, the chat asks for the age before it takes a first message. The policy names the age, and whether the workspace may leave the
/// question out. Only that the visitor said they are as old is kept; of who says they are younger, nothing is.
/// </summary>
internal sealed class AgeGate()
    : ClaimKind(
        Kind,
        "Where visitors are asked for their age, nothing is stored of who has not said that they are as old.",
        ClaimParameter.Count(Age, 1, 21),
        ClaimParameter.Choice(Asked, Always, "if_chosen")
    )
{
    public const string Kind = "age_gate";
    public const string Age = "age";
    public const string Asked = "asked";
    public const string Always = "always";

    private static readonly TimeSpan Grace = TimeSpan.FromMinutes(1);

    public override string Limits => "It looks at what was stored. Whether somebody said the truth about their age, nobody can see.";

    public override string? TakesEffect(Claim claim) =>
        "The age that the chat asks for, and whether a workspace may leave the question out.";

    public override string Key(Claim claim) => Kind;

    public override bool Tightens(Claim before, Claim after) =>
        after.Get<int>(Age) >= before.Get<int>(Age) && (after.Text(Asked) == Always || before.Text(Asked) != Always);

    /// <summary>The age that has to be said before anything is stored; null when nothing is asked.</summary>
    public static async ValueTask<int?> RequiredAsync(LoadedWidget widget, PolicySettings policy, CancellationToken ct) =>
        await policy.FindAsync(widget.WorkspaceId, Kind, Kind, ct) is { } claim
        && (widget.Settings.AgeGateSince is not null || claim.Text(Asked) == Always)
            ? claim.Get<int>(Age)
            : null;

    /// <summary>Remembers from when on the question was asked, where the policy demands it and nobody turned it on.</summary>
    public static async Task BeginAsync(WorkspaceContext ctx, LoadedWidget widget, AgeAnswer age, CancellationToken ct)
    {
        if (
            age.Required is not null
            && widget.Settings.AgeGateSince is null
            && await ctx.ExecuteAsync($"update inbox.widget set age_gate_since = {ctx.Now} where age_gate_since is null", ct) > 0
        )
        {
            ctx.Publish(Topics.Widget, widget.Settings.Id);
        }
    }

    /// <summary>Lets a visitor write whose session was opened before the question was asked only when they have answered it.</summary>
    public static async ValueTask<object?> CheckAsync(EndpointFilterInvocationContext invocation, EndpointFilterDelegate next)
    {
        var http = invocation.HttpContext;
        var services = http.RequestServices;
        var policy = (PolicySettings)services.GetService(typeof(PolicySettings))!;
        if (await RequiredAsync(http.Widget(), policy, http.RequestAborted) is { } age)
        {
            var (workspace, actor) = http.Caller();
            Task<bool> IsOfAgeAsync(WorkspaceContext ctx) =>
                ctx.ScalarAsync<bool>(
                    $"select exists (select from inbox.visitor where id = {actor.Id} and age_confirmed_at is not null)",
                    http.RequestAborted
                );
            var door = (WorkspaceScope)services.GetService(typeof(WorkspaceScope))!;
            var isOfAge = invocation.Arguments.OfType<WorkspaceContext>().FirstOrDefault() is { } own
                ? await IsOfAgeAsync(own)
                : await door.RunAsync(workspace, actor, IsOfAgeAsync, http.RequestAborted);
            if (!isOfAge)
            {
                throw new ConflictException(AgeTexts.Of(WidgetEndpoints.LanguageOf(http)).Unsaid(age));
            }
        }
        return await next(invocation);
    }

    public override Task<Finding> ProbeAsync(ProbeRun run, Claim claim, CancellationToken ct) =>
        run.LookAsync(
            async ctx =>
            {
                var since = await ctx.ScalarAsync<DateTimeOffset?>($"select age_gate_since from inbox.widget", ct);
                if (since is not { } asked)
                {
                    return Finding.Of([], "The workspace does not ask for the age.", 0, "inbox.widget: age_gate_since");
                }
                var from = asked + Grace;
                Sql look = $"""
                    select count(*) from (
                      select from inbox.conversation c
                        join inbox.visitor v on v.id = c.visitor_id
                       where c.last_message_at > {from} and v.age_confirmed_at is null
                         and exists (select from inbox.message m where m.conversation_id = c.id and m.author = 'visitor' and m.at > {from})
                       limit 1000) unasked
                    """;
                var unasked = await ctx.ScalarAsync<long>(look, ct);
                return Finding.Of(
                    unasked == 0 ? [] : [$"At least {unasked} visitors wrote who never said that they are {claim.Get<int>(Age)} or older."],
                    $"Since {asked:yyyy-MM-dd HH:mm} UTC nobody wrote who had not said that they are {claim.Get<int>(Age)} or older.",
                    unasked,
                    look.ToString()
                );
            },
            ct
        );
}
