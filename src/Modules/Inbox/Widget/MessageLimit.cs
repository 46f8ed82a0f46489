using Tenet.Kernel.Policies;
using Tenet.Kernel.Workspaces;

namespace Tenet.Inbox.Widget;

/// <summary>How many messages a minute visitors may send. Whoever takes them reads the values here; the probe counts what was taken.</summary>
internal sealed class MessageLimit(VisitorLimitOptions overrides)
    : ClaimKind(
        Kind,
        "Visitors may send this many messages a minute, one of them and all of a workspace.",
        ClaimParameter.Count(PerVisitor, 1, 100_000),
        ClaimParameter.Count(PerWorkspace, 1, 10_000_000)
    )
{
    public const string Kind = "message_limit";
    public const string Subject = "messages of visitors";
    public const string PerVisitor = "per_visitor";
    public const string PerWorkspace = "per_workspace";

    private const int Newest = 200;
    private const int NewestMessages = 500;

    public override string? TakesEffect(Claim claim) => "Every message of a visitor is counted against it, over all nodes.";

    public override string Limits =>
        "It counts the newest messages of the newest 200 conversations. A visitor's minute begins at a second of their own, so up to twice the number can fall into a minute of the clock.";

    public override string Key(Claim claim) => Subject;

    public override bool Tightens(Claim before, Claim after) =>
        after.Get<int>(PerVisitor) <= before.Get<int>(PerVisitor) && after.Get<int>(PerWorkspace) <= before.Get<int>(PerWorkspace);

    public override Task<Finding> ProbeAsync(ProbeRun run, Claim claim, CancellationToken ct) =>
        run.LookAsync(
            async ctx =>
            {
                var most = claim.Get<int>(PerVisitor);
                Sql look = $"""
                    select count(*), coalesce(max(messages), 0) from (
                      select count(*) as messages
                        from (select id, visitor_id from inbox.conversation order by last_message_at desc limit {Newest}) c
                       cross join lateral (
                         select author, at from inbox.message m where m.conversation_id = c.id order by m.seq desc limit {NewestMessages}) m
                       where m.author = 'visitor'
                       group by c.visitor_id, date_trunc('minute', m.at)) minutes
                    """;
                var query = look.ToString();
                var (minutes, highest) = await ctx.FirstOrDefaultAsync(look, row => (row.GetInt64(0), row.GetInt64(1)), ct);
                var violations = new List<string>();
                if (highest > 2 * most)
                {
                    violations.Add($"A visitor sent {highest} messages in a minute, the promise is {most}.");
                }
                if (overrides.MessagesPerVisitor > most || overrides.MessagesPerWorkspace > claim.Get<int>(PerWorkspace))
                {
                    violations.Add("The operator's settings allow more messages than the promise.");
                }
                return Finding.Of(
                    violations,
                    minutes == 0
                        ? $"No visitor has written yet; one may send {most} messages a minute."
                        : $"In {minutes} minutes in which visitors wrote, none sent more than {highest} messages; the promise is {most}.",
                    minutes,
                    query
                );
            },
            ct
        );
}
