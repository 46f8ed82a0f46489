using Microsoft.EntityFrameworkCore;
using Tenet.Kernel;
using Tenet.Kernel.Http;
using Tenet.Kernel.Workspaces;
using Tenet.Knowledge.Crawling;
using Tenet.Knowledge.Documents;

namespace Tenet.Knowledge;

/// <summary>What a member may say of a new site or page. Null leaves the default.</summary>
internal sealed record NewSite(string? Url, string? Name = null, string? Language = null, SourceKind Kind = SourceKind.Site)
{
    public int? MaxPages { get; init; }
    public int? MaxDepth { get; init; }
    public int? MaxBytes { get; init; }
    public int? PageSeconds { get; init; }
    public int? DelayMilliseconds { get; init; }
    public int? RecrawlHours { get; init; }
}

/// <param name="RecrawlHours">Null to crawl only when asked.</param>
internal sealed record NewSchedule(int? RecrawlHours);

internal sealed record NewUpload(string? FileName, string? Content, string? Link = null);

internal sealed record NewAnswer(string? Question, string? Answer, string? Url = null);

/// <summary>Adds, changes and removes sources in a transaction of the one door.</summary>
internal sealed class Sources(Ownership ownership)
{
    const int MostSources = 200;
    const int MostAnswers = 5_000;
    const int LeastRecrawlHours = 1;
    const int MostRecrawlHours = 2_160;

    /// <summary>Adds a site or page; it is crawled at once when its host is proven.</summary>
    public async Task<Source> AddSiteAsync(WorkspaceContext context, NewSite site, CancellationToken ct)
    {
        var validation = new Validation();
        validation.Check(site.Kind is SourceKind.Site or SourceKind.Page, "kind", "One of: site, page.");
        var url = validation.Url("url", site.Url);
        var start = url is null ? null : CanonicalUrl.Of(url);
        validation.Check(url is null || start is not null, "url", "This address cannot be crawled: it is too long or too deep.");
        validation.Check(
            site.Language is null || Ranking.Language.Of(site.Language) is not null,
            "language",
            "One of: en, de, fr, es, vi; or none."
        );
        validation.Number("maxPages", site.MaxPages ?? 5_000, 1, 200_000);
        validation.Number("maxDepth", site.MaxDepth ?? 20, 0, 100);
        validation.Number("maxBytes", site.MaxBytes ?? 5_000_000, 10_000, 20_000_000);
        validation.Number("pageSeconds", site.PageSeconds ?? 20, 1, 120);
        validation.Number("delayMilliseconds", site.DelayMilliseconds ?? 200, 0, 60_000);
        validation.Number("recrawlHours", site.RecrawlHours ?? LeastRecrawlHours, LeastRecrawlHours, MostRecrawlHours);
        var name = validation.Text("name", string.IsNullOrWhiteSpace(site.Name) ? start?.Host : site.Name, 200);
        validation.Throw();
        await DemandRoomAsync(context, ct);
        if (await context.Db<KnowledgeDb>().Sources.AnyAsync(s => s.Url == start!.AbsoluteUri && s.Kind == site.Kind, ct))
            throw new ConflictException("This address is a source already. Crawl it again instead.");
        var source = new Source
        {
            Id = Guid.CreateVersion7(context.Now),
            Kind = site.Kind,
            Name = name,
            Url = start!.AbsoluteUri,
            Language = site.Language,
            MaxPages = site.MaxPages ?? 5_000,
            MaxDepth = site.MaxDepth ?? 20,
            MaxBytes = site.MaxBytes ?? 5_000_000,
            PageSeconds = site.PageSeconds ?? 20,
            DelayMilliseconds = site.DelayMilliseconds ?? 200,
            RecrawlHours = site.RecrawlHours,
            ProofToken = Secrets.Token(18),
            CreatedAt = context.Now,
            CreatedBy = context.Actor.Id,
            State = SourceState.Unproven,
        };
        context.Db<KnowledgeDb>().Sources.Add(source);
        Announce(context, "knowledge.source_added", source);
        if (await ownership.IsProvenAsync(context, source, ct))
        {
            source.State = SourceState.Ready;
            QueueCrawl.Queue(context, source);
        }
        return source;
    }

    public async Task<Source> AddUploadAsync(WorkspaceContext context, NewUpload upload, CancellationToken ct)
    {
        var validation = new Validation();
        var fileName = validation.Text("fileName", upload.FileName is { } given ? Path.GetFileName(given) : null, 200);
        var format = Upload.FormatOf(fileName);
        validation.Check(format is not null, "fileName", "The name must end in .md, .html, .txt or .csv.");
        validation.Check(!string.IsNullOrWhiteSpace(upload.Content), "content", "The file is empty.");
        validation.Check(
            upload.Content is null || upload.Content.Length <= Upload.MostCharacters,
            "content",
            "At most 5 million characters, please."
        );
        var link = string.IsNullOrWhiteSpace(upload.Link) ? null : validation.Url("link", upload.Link)?.AbsoluteUri;
        validation.Throw();
        await DemandRoomAsync(context, ct);
        Document document;
        try
        {
            document = UploadReader.Read(format!.Value, fileName, upload.Content!);
        }
        catch (FormatException e)
        {
            throw new RuleException("content", e.Message);
        }
        if (document.IsEmpty)
            throw new RuleException("content", "There is no text in this file.");
        var source = await AddTextSourceAsync(context, SourceKind.Upload, fileName, ct);
        context
            .Db<KnowledgeDb>()
            .Uploads.Add(
                new Upload
                {
                    Id = Guid.CreateVersion7(context.Now),
                    SourceId = source.Id,
                    FileName = fileName,
                    Format = format.Value,
                    Content = upload.Content!.Replace('\0', ' '),
                    CreatedAt = context.Now,
                    CreatedBy = context.Actor.Id,
                }
            );
        await context.SaveAsync(ct);
        await IndexAsync(context, source, Guid.CreateVersion7(context.Now), document, link, ct);
        return source;
    }

    /// <summary>Adds or, with an id, changes an answer that the team writes itself.</summary>
    public async Task<QuestionAnswer> SaveAnswerAsync(WorkspaceContext context, Guid? id, NewAnswer entry, CancellationToken ct)
    {
        var validation = new Validation();
        var question = validation.Text("question", entry.Question, 500);
        var answer = validation.Text("answer", entry.Answer, 20_000);
        var url = string.IsNullOrWhiteSpace(entry.Url) ? null : validation.Url("url", entry.Url)?.AbsoluteUri;
        validation.Throw();
        var db = context.Db<KnowledgeDb>();
        var saved = id is null
            ? null
            : await db.Questions.FirstOrDefaultAsync(q => q.Id == id, ct) ?? throw new NotFoundException("answer");
        var source =
            await db.Sources.FirstOrDefaultAsync(s => s.Kind == SourceKind.Questions, ct)
            ?? await AddTextSourceAsync(context, SourceKind.Questions, "Questions and answers", ct);
        if (saved is null)
        {
            if (await db.Questions.CountAsync(ct) >= MostAnswers)
                throw new ConflictException($"There are {MostAnswers} answers, which is the limit. Remove some first.");
            saved = new QuestionAnswer
            {
                Id = Guid.CreateVersion7(context.Now),
                SourceId = source.Id,
                Question = question,
                Answer = answer,
                UpdatedAt = context.Now,
            };
            db.Questions.Add(saved);
        }
        (saved.Question, saved.Answer, saved.Url, saved.UpdatedAt, saved.UpdatedBy) = (
            question,
            answer,
            url,
            context.Now,
            context.Actor.Id
        );
        await context.SaveAsync(ct);
        await IndexAsync(context, source, saved.Id, UploadReader.ReadAnswer(question, answer), url, ct);
        context.Audit("knowledge.answer_saved", "answer", saved.Id);
        return saved;
    }

    public async Task RemoveAnswerAsync(WorkspaceContext context, Guid id, CancellationToken ct)
    {
        var db = context.Db<KnowledgeDb>();
        var saved = await db.Questions.FirstOrDefaultAsync(q => q.Id == id, ct) ?? throw new NotFoundException("answer");
        db.Questions.Remove(saved);
        await context.ExecuteAsync($"delete from knowledge.page where id = {id}", ct);
        context.Audit("knowledge.answer_removed", "answer", id);
        context.Publish(KnowledgeTopics.Removed, saved.SourceId);
    }

    public async Task RemoveAsync(WorkspaceContext context, Guid id, CancellationToken ct)
    {
        var source = await FindAsync(context, id, ct);
        context.Db<KnowledgeDb>().Sources.Remove(source);
        context.Unschedule(QueueCrawl.Kind, id);
        context.Audit("knowledge.source_removed", "source", id);
        context.Publish(KnowledgeTopics.Removed, id);
    }

    /// <param name="hours">Between two crawls, counted from now on; null to crawl only when asked.</param>
    public static async Task RescheduleAsync(WorkspaceContext context, Guid id, int? hours, CancellationToken ct)
    {
        var validation = new Validation();
        validation.Number("recrawlHours", hours ?? LeastRecrawlHours, LeastRecrawlHours, MostRecrawlHours);
        validation.Throw();
        var source = await FindAsync(context, id, ct);
        if (!source.IsCrawled)
            throw new ConflictException("This source is not crawled: change its text instead.");
        source.RecrawlHours = hours;
        // Before the proof there is nothing to repeat: the first crawl begins the schedule.
        if (hours is { } every && source.State is not SourceState.Unproven)
            context.Schedule(QueueCrawl.Kind, id, TimeSpan.FromHours(every));
        else
            context.Unschedule(QueueCrawl.Kind, id);
        context.Audit("knowledge.schedule_changed", "source", id, new { hours });
        context.Publish(KnowledgeTopics.Progress, id);
    }

    public static async Task StopAsync(WorkspaceContext context, Guid id, CancellationToken ct)
    {
        (await FindAsync(context, id, ct)).Stop();
        context.Audit("knowledge.crawl_stopped", "source", id);
        context.Publish(KnowledgeTopics.Progress, id);
    }

    public static async Task<Source> FindAsync(WorkspaceContext context, Guid id, CancellationToken ct) =>
        await context.Db<KnowledgeDb>().Sources.FirstOrDefaultAsync(s => s.Id == id, ct) ?? throw new NotFoundException("source");

    static async Task DemandRoomAsync(WorkspaceContext context, CancellationToken ct)
    {
        if (await context.Db<KnowledgeDb>().Sources.CountAsync(ct) >= MostSources)
            throw new ConflictException($"There are {MostSources} sources, which is the limit. Remove some first.");
    }

    static async Task<Source> AddTextSourceAsync(WorkspaceContext context, SourceKind kind, string name, CancellationToken ct)
    {
        var source = new Source
        {
            Id = Guid.CreateVersion7(context.Now),
            Kind = kind,
            Name = name,
            State = SourceState.Ready,
            CreatedAt = context.Now,
            CreatedBy = context.Actor.Id,
        };
        context.Db<KnowledgeDb>().Sources.Add(source);
        Announce(context, "knowledge.source_added", source);
        await context.SaveAsync(ct);
        return source;
    }

    static void Announce(WorkspaceContext context, string action, Source source)
    {
        context.Audit(action, "source", source.Id, new { source.Kind });
        context.Publish(KnowledgeTopics.Progress, source.Id);
    }

    static async Task IndexAsync(
        WorkspaceContext context,
        Source source,
        Guid pageId,
        Document document,
        string? link,
        CancellationToken ct
    )
    {
        var passages = Chunker.Cut(document);
        if (passages.Count == 0)
            throw new RuleException("content", "There is no text in this.");
        await context.ExecuteAsync(
            $"""
            insert into knowledge.page (id, source_id, url, link, status) values ({pageId}, {source.Id}, {"tenet:"
                + pageId}, {link}, 'waiting')
            on conflict (workspace_id, id) do update set link = excluded.link
            """,
            ct
        );
        var batch = new PageBatch(source.Language ?? await CrawlSite.LanguageOfAsync(context, ct));
        batch.Add(
            new PageResult(new WaitingPage(pageId, new Uri("tenet:" + pageId), 0, 0), PageStatus.Indexed, null, null)
            {
                Document = document,
                Passages = passages,
            }
        );
        await batch.WriteAsync(context, source.Id, source.Crawl, ct);
        EmbedPassages.Queue(context);
    }
}
