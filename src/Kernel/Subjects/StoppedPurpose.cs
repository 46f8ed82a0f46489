using Tenet.Kernel.DataMaps;
using Tenet.Kernel.Workspaces;

namespace Tenet.Kernel.Subjects;

/// <summary>A purpose whose lawful basis is gone in a workspace (Article 6 GDPR): nothing is done for it.</summary>
[Record("kernel.stopped_purpose", DataMaps.Purpose.Accountability, Keep = Restrictions.Rule)]
internal sealed record StoppedPurpose
{
    [Operational]
    public required string Purpose { get; init; }

    /// <summary>Why the basis is gone, in the words of who stopped it.</summary>
    [Operational]
    public required string Reason { get; init; }

    [Operational]
    public Guid? ById { get; init; }

    /// <summary>The policy took the basis away, and may give it back.</summary>
    [Operational]
    public bool ByPolicy { get; init; }

    [Operational]
    public DateTimeOffset Since { get; init; }
}

/// <param name="Reason">In the words of who stopped it.</param>
/// <param name="ByPolicy">The policy took the basis away: it goes on by itself when the policy gives it one again.</param>
public sealed record Stopped(string Purpose, string Reason, DateTimeOffset Since, bool ByPolicy);

/// <summary>
/// Whether something may be done for a purpose, and for a person. Asked once, where the doing begins: a stop and an objection are kept alike.
/// </summary>
public static class Purposes
{
    /// <summary>Letters of a workspace to those who asked for its news. No table serves it: what is kept is the proof of the consent.</summary>
    public const string Marketing = "marketing.communications.email";

    /// <summary>Those that some code asks about before it acts. To stop another one would stop nothing.</summary>
    public static readonly IReadOnlyList<string> Stoppable = [Purpose.Assistance, Marketing];

    /// <exception cref="Http.RuleException">Nothing asks about this purpose.</exception>
    public static async Task StopAsync(WorkspaceContext ctx, string purpose, string reason, CancellationToken ct)
    {
        var validation = new Http.Validation();
        validation.OneOf("purpose", purpose, Stoppable);
        var said = validation.Text("reason", reason, 1_000, 10);
        validation.Throw();
        var stopped = await ctx.ExecuteAsync(
            $"""
            insert into kernel.stopped_purpose (purpose, reason, by_id, since) values ({purpose}, {said}, {ctx.Actor.Id}, {ctx.Now})
            on conflict do nothing
            """,
            ct
        );
        if (stopped > 0)
        {
            ctx.Audit("purpose.stopped", "workspace", ctx.WorkspaceId, new { purpose });
        }
    }

    /// <summary>The policy in force names no basis for it any more.</summary>
    /// <returns>Whether it went on until now.</returns>
    public static async Task<bool> LapseAsync(WorkspaceContext ctx, string purpose, string reason, CancellationToken ct)
    {
        var stopped = await ctx.ExecuteAsync(
            $"""
            insert into kernel.stopped_purpose (purpose, reason, by_policy, since) values ({purpose}, {reason}, true, {ctx.Now})
            on conflict do nothing
            """,
            ct
        );
        if (stopped > 0)
        {
            ctx.Audit("purpose.lapsed", "workspace", ctx.WorkspaceId, new { purpose });
        }
        return stopped > 0;
    }

    /// <summary>The policy in force names a basis again. What somebody stopped stays stopped.</summary>
    public static async Task RegainAsync(WorkspaceContext ctx, string purpose, CancellationToken ct)
    {
        if (await ctx.ExecuteAsync($"delete from kernel.stopped_purpose where purpose = {purpose} and by_policy", ct) > 0)
        {
            ctx.Audit("purpose.resumed", "workspace", ctx.WorkspaceId, new { purpose });
        }
    }

    public static async Task ResumeAsync(WorkspaceContext ctx, string purpose, CancellationToken ct)
    {
        if (await ctx.ExecuteAsync($"delete from kernel.stopped_purpose where purpose = {purpose}", ct) > 0)
        {
            ctx.Audit("purpose.resumed", "workspace", ctx.WorkspaceId, new { purpose });
        }
    }

    public static Task<List<Stopped>> StoppedAsync(WorkspaceContext ctx, CancellationToken ct) =>
        ctx.ListAsync(
            $"select purpose, reason, since, by_policy from kernel.stopped_purpose order by purpose",
            row => new Stopped(row.GetString(0), row.GetString(1), row.GetFieldValue<DateTimeOffset>(2), row.GetBoolean(3)),
            ct
        );

    public static Task<bool> IsStoppedAsync(WorkspaceContext ctx, string purpose, CancellationToken ct) =>
        ctx.ScalarAsync<bool>($"select exists (select from kernel.stopped_purpose where purpose = {purpose})", ct);

    /// <summary>The condition that nothing may be done for a purpose with a person's data, for a statement that decides by it.</summary>
    public static Sql Refused(Guid person, string purpose) =>
        $"""
            (exists (select from kernel.objection where person_id = {person} and purpose = {purpose})
             or exists (select from kernel.stopped_purpose where purpose = {purpose}))
            """;
}
