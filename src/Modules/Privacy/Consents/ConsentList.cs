using Tenet.Kernel.Http;
using Tenet.Kernel.Http.Lists;
using Tenet.Kernel.Postgres;
using Tenet.Kernel.Workspaces;

namespace Tenet.Privacy.Consents;

/// <summary>A choice in the console's list.</summary>
public sealed record ConsentRow(
    Guid Id,
    Guid Person,
    bool Analytics,
    bool Preferences,
    string Method,
    string Signal,
    string Language,
    string? Origin,
    DateTimeOffset At
);

/// <summary>How many persons' latest choice says what.</summary>
/// <param name="Analytics">Who allow it, by a consent that still counts.</param>
/// <param name="ToRenew">Who agreed to what has changed since, and are asked again.</param>
/// <param name="NextAt">When those who agreed are to be asked next; null when no change is announced.</param>
/// <param name="Next">How many that would be.</param>
public sealed record ConsentCounts(
    long Persons,
    long Analytics,
    long Preferences,
    long BySignal,
    long ToRenew,
    DateTimeOffset? NextAt,
    long Next
);

internal static class ConsentList
{
    /// <summary>Latest first.</summary>
    public static async Task<PageOf<ConsentRow>> PageAsync(WorkspaceContext ctx, string? after, int limit, CancellationToken ct)
    {
        limit = Math.Clamp(limit, 1, 200);
        var place = ctx.Place<ConsentPlace>("consents", after);
        var rows = await ctx.ListAsync(
            $"""
            select c.id, c.person, c.analytics, c.preferences, c.method, c.signal, n.language, c.origin, c.at
              from privacy.consent c join privacy.consent_notice n on n.workspace_id = c.workspace_id and n.id = c.notice_id
             where (c.at, c.id) < ({place?.At ?? DateTimeOffset.MaxValue}, {place?.Id ?? Guid.Empty})
             order by c.at desc, c.id desc
             limit {limit + 1}
            """,
            row => new ConsentRow(
                row.GetGuid(0),
                row.GetGuid(1),
                row.GetBoolean(2),
                row.GetBoolean(3),
                row.GetString(4),
                row.GetString(5),
                row.GetString(6),
                row.TextOrNull(7),
                row.GetFieldValue<DateTimeOffset>(8)
            ),
            ct
        );
        return ctx.Page("consents", rows, limit, row => new ConsentPlace(row.At, row.Id));
    }

    public static async Task<ConsentCounts> CountAsync(WorkspaceContext ctx, CancellationToken ct)
    {
        var due = await ConsentRenewals.DueAsync(ctx, ct);
        var counts = await ctx.FirstOrDefaultAsync(
            $"""
            select count(*), count(*) filter (where analytics and at >= {due}), count(*) filter (where preferences and at >= {due}),
                   count(*) filter (where method = 'signal'), count(*) filter (where (analytics or preferences) and at < {due})
              from (select distinct on (person) analytics, preferences, method, at from privacy.consent order by person, at desc) latest
            """,
            row => new ConsentCounts(row.GetInt64(0), row.GetInt64(1), row.GetInt64(2), row.GetInt64(3), row.GetInt64(4), null, 0),
            ct
        );
        var next = await ConsentRenewals.NextAsync(ctx, ct);
        return (counts ?? new ConsentCounts(0, 0, 0, 0, 0, null, 0)) with
        {
            NextAt = next,
            Next = next is { } at ? await ConsentRenewals.CountAsync(ctx, at, ct) : 0,
        };
    }

    private sealed record ConsentPlace(DateTimeOffset At, Guid Id);
}
