using System.Text.Json;
using Tenet.Kernel.Workspaces;

namespace Tenet.Privacy.Consents;

/// <summary>One record with the names that ISO/IEC TS 27560:2023 gives to its fields.</summary>
internal sealed record ConsentProofRecord(
    Guid RecordId,
    string NoticeId,
    string Language,
    IReadOnlyDictionary<string, string> Purposes,
    string Method,
    string Signal,
    string? Origin,
    DateTimeOffset EventTime,
    DateTimeOffset ValidUntil
);

/// <param name="Notices">What the person was shown, by the notice's id.</param>
internal sealed record ConsentProof(
    string SchemaVersion,
    string PiiController,
    Guid PiiPrincipal,
    IReadOnlyList<ConsentProofRecord> Records,
    IReadOnlyDictionary<string, JsonElement> Notices
)
{
    /// <param name="id">Of any record of the person.</param>
    /// <exception cref="Kernel.Http.NotFoundException">There is no such record.</exception>
    public static async Task<ConsentProof> OfAsync(WorkspaceContext ctx, Guid id, CancellationToken ct)
    {
        var person =
            await ctx.ScalarAsync<Guid?>($"select person from privacy.consent where id = {id}", ct)
            ?? throw new Kernel.Http.NotFoundException("consent");
        var rows = await ctx.ListAsync(
            $"""
            select c.id, encode(n.hash, 'hex'), n.language, c.analytics, c.preferences, c.method, c.signal, c.origin, c.at, n.text,
                   (select min(r.due_at) from privacy.consent_renewal r where r.due_at > c.at and (c.analytics or c.preferences))
              from privacy.consent c join privacy.consent_notice n on n.workspace_id = c.workspace_id and n.id = c.notice_id
             where c.person = {person}
             order by c.at
             limit 1000
            """,
            row =>
                (
                    Record: new ConsentProofRecord(
                        row.GetGuid(0),
                        row.GetString(1),
                        row.GetString(2),
                        new Dictionary<string, string>(StringComparer.Ordinal)
                        {
                            ["analytics"] = row.GetBoolean(3) ? "given" : "refused",
                            ["preferences"] = row.GetBoolean(4) ? "given" : "refused",
                        },
                        row.GetString(5),
                        row.GetString(6),
                        row.TextOrNull(7),
                        row.GetFieldValue<DateTimeOffset>(8),
                        ValidUntil(row.GetFieldValue<DateTimeOffset>(8), row.ValueOrNull<DateTimeOffset>(10))
                    ),
                    Text: row.GetString(9)
                ),
            ct
        );
        var name = await ctx.ScalarAsync<string>($"select name from kernel.workspace", ct) ?? "";
        return new ConsentProof(
            "ISO/IEC TS 27560:2023",
            name,
            person,
            [.. rows.Select(row => row.Record)],
            rows.DistinctBy(row => row.Record.NoticeId, StringComparer.Ordinal)
                .ToDictionary(row => row.Record.NoticeId, row => JsonSerializer.Deserialize<JsonElement>(row.Text), StringComparer.Ordinal)
        );
    }

    // A consent ends with its year, or when what it was given to changes.
    private static DateTimeOffset ValidUntil(DateTimeOffset at, DateTimeOffset? renewal) =>
        at.AddMonths(GiveConsent.ValidMonths) is var end && renewal < end ? renewal.Value : end;
}
