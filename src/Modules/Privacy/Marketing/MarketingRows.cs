using System.Text.Json;
using Tenet.Kernel.Http;
using Tenet.Kernel.Http.Lists;
using Tenet.Kernel.Subjects;
using Tenet.Kernel.Workspaces;

namespace Tenet.Privacy.Marketing;

/// <summary>Somebody who may be written to, or might have been.</summary>
public sealed record MarketingRow(
    Guid Id,
    string Email,
    string Language,
    DateTimeOffset AskedAt,
    DateTimeOffset? ConfirmedAt,
    DateTimeOffset? WithdrawnAt
);

/// <summary>The proof of one consent, with the names that ISO/IEC TS 27560:2023 gives to its fields.</summary>
/// <param name="Events">What happened when: <c>requested</c>, <c>given</c>, <c>withdrawn</c>.</param>
internal sealed record MarketingProof(
    string SchemaVersion,
    string PiiController,
    string PiiPrincipal,
    Guid RecordId,
    string Purpose,
    string LawfulBasis,
    string Method,
    string Language,
    string NoticeId,
    JsonElement Notice,
    IReadOnlyList<MarketingEvent> Events
);

internal sealed record MarketingEvent(string State, DateTimeOffset EventTime, string How);

internal static class MarketingRows
{
    /// <summary>Latest first.</summary>
    /// <param name="all">Also those who may not be written to: who has not confirmed, or has withdrawn.</param>
    public static async Task<PageOf<MarketingRow>> PageAsync(WorkspaceContext ctx, bool all, string? after, int limit, CancellationToken ct)
    {
        limit = Math.Clamp(limit, 1, 200);
        var place = ctx.Place<MarketingPlace>("marketing", after);
        var rows = await ctx.ListAsync(
            $"""
            select id, email, language, asked_at, confirmed_at, withdrawn_at
              from privacy.marketing_consent
             where (asked_at, id) < ({place?.At ?? DateTimeOffset.MaxValue}, {place?.Id ?? Guid.Empty})
               and ({all} or (confirmed_at is not null and withdrawn_at is null
                             and not exists (select from kernel.stopped_purpose where purpose = {Purposes.Marketing})))
             order by asked_at desc, id desc
             limit {limit + 1}
            """,
            row => new MarketingRow(
                row.GetGuid(0),
                row.GetString(1),
                row.GetString(2),
                row.GetFieldValue<DateTimeOffset>(3),
                row.ValueOrNull<DateTimeOffset>(4),
                row.ValueOrNull<DateTimeOffset>(5)
            ),
            ct
        );
        return ctx.Page("marketing", rows, limit, row => new MarketingPlace(row.AskedAt, row.Id));
    }

    /// <exception cref="NotFoundException">There is no such record.</exception>
    public static async Task<MarketingProof> ProofAsync(WorkspaceContext ctx, Guid id, CancellationToken ct) =>
        await ctx.FirstOrDefaultAsync(
            $"""
            select m.email, m.method, m.language, m.asked_at, m.confirmed_at, m.withdrawn_at, m.withdrawn_by,
                   encode(n.hash, 'hex'), n.text, (select name from kernel.workspace)
              from privacy.marketing_consent m join privacy.consent_notice n on n.workspace_id = m.workspace_id and n.id = m.notice_id
             where m.id = {id}
            """,
            row =>
            {
                var events = new List<MarketingEvent> { new("requested", row.GetFieldValue<DateTimeOffset>(3), row.GetString(1)) };
                if (!row.IsDBNull(4))
                {
                    events.Add(new("given", row.GetFieldValue<DateTimeOffset>(4), "the link in the letter to the address"));
                }
                if (!row.IsDBNull(5))
                {
                    events.Add(new("withdrawn", row.GetFieldValue<DateTimeOffset>(5), row.GetString(6)));
                }
                return new MarketingProof(
                    "ISO/IEC TS 27560:2023",
                    row.GetString(9),
                    row.GetString(0),
                    id,
                    "direct marketing by e-mail",
                    "consent",
                    row.GetString(1),
                    row.GetString(2),
                    row.GetString(7),
                    JsonSerializer.Deserialize<JsonElement>(row.GetString(8)),
                    events
                );
            },
            ct
        ) ?? throw new NotFoundException("consent");

    private sealed record MarketingPlace(DateTimeOffset At, Guid Id);
}
