using Tenet.Kernel.Workspaces;
using Tenet.Knowledge.Crawling;
using Tenet.Knowledge.Ranking;

namespace Tenet.Knowledge;

/// <summary>Pages with their passages, written in a few statements and indexed as one segment.</summary>
internal sealed class PageBatch(string? sourceLanguage)
{
    /// <summary>Subject of the event that tells other nodes to read the batch.</summary>
    public const string Topic = "knowledge.batch";

    readonly List<FoundPage> found = [];
    readonly List<PageResult> results = [];
    readonly List<PassageRow> passages = [];
    readonly Dictionary<Guid, Language> languages = [];

    public Guid BatchId { get; } = Guid.CreateVersion7();

    /// <summary>Pages whose passages are replaced or removed.</summary>
    public IReadOnlyCollection<Guid> ChangedPages => [.. results.Where(r => r.Passages is not null).Select(r => r.Page.Id)];

    public void Add(IEnumerable<FoundPage> pages) => found.AddRange(pages);

    public void Add(PageResult result)
    {
        results.Add(result);
        if (result.Passages is not { Count: > 0 } cut)
            return;
        languages[result.Page.Id] =
            Language.Guess(string.Join('\n', cut.Take(3).Select(p => p.Text))) is var guess && guess != Language.Other
                ? guess
                : Language.Of(result.Document?.Language) ?? Language.Of(sourceLanguage) ?? Language.Other;
        passages.AddRange(
            cut.Select(p => new PassageRow(
                Guid.CreateVersion7(),
                result.Page.Id,
                p.Ordinal,
                Storable(p.Heading),
                p.Anchor is { } a ? Storable(a) : null,
                Storable(p.Text)
            ))
        );
    }

    public Segment? ToSegment()
    {
        if (passages.Count == 0)
            return null;
        var builder = new SegmentBuilder();
        var titles = results.Where(r => r.Document is not null).ToDictionary(r => r.Page.Id, r => Storable(r.Document!.Title));
        foreach (var page in passages.GroupBy(p => p.PageId))
        {
            builder.StartPage(page.Key);
            foreach (var passage in page)
                builder.Add(passage.Id, languages[page.Key], titles[page.Key], passage.Heading, passage.Text);
        }
        return builder.Build();
    }

    public async Task WriteAsync(WorkspaceContext context, Guid sourceId, int crawl, CancellationToken ct)
    {
        Sql insertFound = $"""
            insert into knowledge.page (id, source_id, url, depth, redirects, status, reason, crawl)
            select id, {sourceId}, url, depth, redirects, case when reason is null then 'waiting' else 'skipped' end, reason, {crawl}
              from unnest({found.Select(f => f.Id).ToArray()}, {found.Select(f => f.Url.AbsoluteUri).ToArray()},
                          {found.Select(f => f.Depth).ToArray()}, {found.Select(f => f.Redirects).ToArray()},
                          {found.Select(f => f.Reason).ToArray()}) as f (id, url, depth, redirects, reason)
            on conflict (workspace_id, source_id, url) do nothing
            """;
        Sql removeChunks = $"delete from knowledge.chunk where page_id = any({ChangedPages.ToArray()})";
        Sql insertChunks = $"""
            insert into knowledge.chunk (id, page_id, ordinal, heading, anchor, text)
            select * from unnest({passages.Select(p => p.Id).ToArray()}, {passages.Select(p => p.PageId).ToArray()},
                                 {passages.Select(p => p.Ordinal).ToArray()}, {passages.Select(p => p.Heading).ToArray()},
                                 {passages.Select(p => p.Anchor).ToArray()}, {passages.Select(p => p.Text).ToArray()})
            """;
        await context.BatchAsync(
            [insertFound, UpdatePages(crawl, context.Now), removeChunks, insertChunks],
            static _ => Task.FromResult(true),
            ct
        );
        context.Publish(Topic, BatchId);
        context.Publish(KnowledgeTopics.Progress, sourceId);
    }

    Sql UpdatePages(int crawl, DateTimeOffset now) =>
        $"""
            update knowledge.page p
               set status = r.status, reason = r.reason, http_status = r.http_status, crawl = {crawl}, fetched_at = {now},
                   etag = r.etag, last_modified = r.last_modified, bytes = coalesce(r.bytes, p.bytes),
                   title = coalesce(r.title, p.title), language = coalesce(r.language, p.language),
                   content_hash = case when r.changed or r.hash is not null then r.hash else p.content_hash end,
                   chunks = case when r.changed then r.chunks else p.chunks end,
                   batch_id = case when r.changed then {BatchId} else p.batch_id end
              from unnest({results.Select(r => r.Page.Id).ToArray()}, {results.Select(r =>
                Kernel.Postgres.SqlValue.Text(r.Status)
            ).ToArray()},
                          {results.Select(r => r.Reason).ToArray()}, {results.Select(r => r.HttpStatus).ToArray()},
                          {results.Select(r => r.Etag).ToArray()}, {results.Select(r => r.LastModified).ToArray()},
                          {results.Select(r => r.Bytes).ToArray()}, {results.Select(r =>
                r.Document is { } d ? Storable(d.Title) : null
            ).ToArray()},
                          {results.Select(r => languages.GetValueOrDefault(r.Page.Id)?.Code).ToArray()}, {results.Select(r =>
                r.ContentHash
            ).ToArray()},
                          {results.Select(r => r.Passages?.Count ?? 0).ToArray()}, {results.Select(r => r.Passages is not null).ToArray()})
                   as r (id, status, reason, http_status, etag, last_modified, bytes, title, language, hash, chunks, changed)
             where p.id = r.id
            """;

    /// <summary>PostgreSQL takes neither NUL nor half a surrogate pair.</summary>
    static string Storable(string text)
    {
        var clean = true;
        for (var i = 0; i < text.Length && clean; i++)
        {
            if (char.IsHighSurrogate(text[i]) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]))
                i++;
            else
                clean = text[i] != '\0' && !char.IsSurrogate(text[i]);
        }
        return clean ? text : System.Text.Encoding.UTF8.GetString(System.Text.Encoding.UTF8.GetBytes(text)).Replace('\0', ' ');
    }

    readonly record struct PassageRow(Guid Id, Guid PageId, int Ordinal, string Heading, string? Anchor, string Text);
}
