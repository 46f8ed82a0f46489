using Tenet.Kernel.Postgres;
using Tenet.Kernel.Workspaces;

namespace Tenet.Knowledge;

/// <summary>A source as members see it, with how far its crawl has come.</summary>
internal sealed record SourceView(Guid Id, SourceKind Kind, string Name, string? Url, SourceState State, string? Problem)
{
    public string? Language { get; init; }
    public int MaxPages { get; init; }
    public int? RecrawlHours { get; init; }
    public DateTimeOffset? CrawlStartedAt { get; init; }
    public DateTimeOffset? CrawlEndedAt { get; init; }
    public Proof? Proof { get; init; }
    public int Waiting { get; init; }
    public int Indexed { get; init; }
    public int Skipped { get; init; }
    public int Failed { get; init; }
    public int Gone { get; init; }
    public int Passages { get; init; }

    public int Pages => Waiting + Indexed + Skipped + Failed + Gone;

    public static SourceView Of(Source source) =>
        new(source.Id, source.Kind, source.Name, source.Url, source.State, source.Problem)
        {
            Language = source.Language,
            MaxPages = source.MaxPages,
            RecrawlHours = source.RecrawlHours,
            Proof = source.State is SourceState.Unproven ? Proof.Of(source.Start, source.ProofToken!) : null,
        };

    public static Task<List<SourceView>> ListAsync(WorkspaceContext context, CancellationToken ct) => ReadAsync(context, $"true", ct);

    public static async Task<SourceView?> FindAsync(WorkspaceContext context, Guid id, CancellationToken ct) =>
        (await ReadAsync(context, $"s.id = {id}", ct)).FirstOrDefault();

    static Task<List<SourceView>> ReadAsync(WorkspaceContext context, Sql condition, CancellationToken ct) =>
        context.ListAsync(
            $"""
            select s.id, s.kind, s.name, s.url, s.state, s.problem, s.language, s.max_pages, s.recrawl_hours, s.crawl_started_at, s.crawl_ended_at,
                   s.proof_token, coalesce(p.waiting, 0), coalesce(p.indexed, 0), coalesce(p.skipped, 0), coalesce(p.failed, 0), coalesce(p.gone, 0),
                   coalesce(p.chunks, 0)
              from knowledge.source s
              left join (select source_id,
                                count(*) filter (where status = 'waiting')::int waiting, count(*) filter (where status = 'indexed')::int indexed,
                                count(*) filter (where status = 'skipped')::int skipped, count(*) filter (where status = 'failed')::int failed,
                                count(*) filter (where status = 'gone')::int gone, sum(chunks)::int chunks
                           from knowledge.page group by source_id) p on p.source_id = s.id
             where {condition}
             order by s.created_at, s.id
            """,
            row =>
            {
                var (state, url) = (SqlValue.Enum<SourceState>(row.GetString(4)), row.TextOrNull(3));
                return new SourceView(
                    row.GetGuid(0),
                    SqlValue.Enum<SourceKind>(row.GetString(1)),
                    row.GetString(2),
                    url,
                    state,
                    row.TextOrNull(5)
                )
                {
                    Language = row.TextOrNull(6),
                    MaxPages = row.GetInt32(7),
                    RecrawlHours = row.ValueOrNull<int>(8),
                    CrawlStartedAt = row.ValueOrNull<DateTimeOffset>(9),
                    CrawlEndedAt = row.ValueOrNull<DateTimeOffset>(10),
                    Proof = state is SourceState.Unproven ? Proof.Of(new Uri(url!), row.GetString(11)) : null,
                    Waiting = row.GetInt32(12),
                    Indexed = row.GetInt32(13),
                    Skipped = row.GetInt32(14),
                    Failed = row.GetInt32(15),
                    Gone = row.GetInt32(16),
                    Passages = row.GetInt32(17),
                };
            },
            ct
        );
}

/// <summary>The three places where a site can show that it is the workspace's.</summary>
internal sealed record Proof(string MetaTag, string FileUrl, string FileContent, string DnsName, string DnsValue)
{
    public static Proof Of(Uri site, string token) =>
        new(
            $"<meta name=\"{Ownership.MetaName}\" content=\"{token}\">",
            new Uri(site, Ownership.FilePath).AbsoluteUri,
            token,
            Ownership.DnsName(site),
            Ownership.DnsValue(token)
        );
}
