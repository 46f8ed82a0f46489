using AngleSharp.Html.Parser;
using Microsoft.EntityFrameworkCore;
using Tenet.Kernel.Http;
using Tenet.Kernel.Workspaces;
using Tenet.Knowledge.Crawling;

namespace Tenet.Knowledge;

/// <summary>Checks that whoever adds a public site holds it, and records the permission to crawl it.</summary>
internal sealed class Ownership(WorkspaceScope door, Egress egress, DnsText dns)
{
    public const string MetaName = "tenet-site-verification";
    public const string FilePath = "/.well-known/tenet-verification.txt";

    public static string DnsName(Uri site) => "_tenet." + site.IdnHost;

    public static string DnsValue(string token) => "tenet-site-verification=" + token;

    /// <summary>Lower case, with the port where it is not the scheme's own.</summary>
    public static string HostOf(Uri site) => site.Authority.ToLowerInvariant();

    /// <exception cref="NotFoundException">No such source.</exception>
    /// <exception cref="RuleException">The proof is at none of the three places; says what was found instead.</exception>
    public async Task ProveAsync(Guid workspaceId, Actor actor, Guid sourceId, CancellationToken ct)
    {
        var source = await door.RunAsync(
            workspaceId,
            actor,
            async context =>
                await context.Db<KnowledgeDb>().Sources.AsNoTracking().FirstOrDefaultAsync(s => s.Id == sourceId, ct)
                ?? throw new NotFoundException("source"),
            ct
        );
        if (source is not { IsCrawled: true, State: SourceState.Unproven, ProofToken: { } token })
            throw new ConflictException("This source needs no proof (any more).");
        var method = await FindProofAsync(source.Start, token, ct);
        await door.RunAsync(
            workspaceId,
            actor,
            async context =>
            {
                var proven =
                    await context.Db<KnowledgeDb>().Sources.FirstOrDefaultAsync(s => s.Id == sourceId, ct)
                    ?? throw new NotFoundException("source");
                Record(context, proven, method);
                proven.State = SourceState.Ready;
                QueueCrawl.Queue(context, proven);
            },
            ct
        );
    }

    /// <summary>Whether the host is the workspace's already: proven earlier, or listed by the operator.</summary>
    public async Task<bool> IsProvenAsync(WorkspaceContext context, Source source, CancellationToken ct)
    {
        if (egress.IsListedLoopback(source.Start))
        {
            Record(context, source, ProofMethod.ListedByOperator);
            return true;
        }
        var host = HostOf(source.Start);
        return await context.Db<KnowledgeDb>().Authorisations.AnyAsync(a => a.Host == host, ct);
    }

    static void Record(WorkspaceContext context, Source source, ProofMethod method)
    {
        context
            .Db<KnowledgeDb>()
            .Authorisations.Add(
                new CrawlAuthorisation
                {
                    Id = Guid.CreateVersion7(context.Now),
                    SourceId = source.Id,
                    Host = HostOf(source.Start),
                    Method = method,
                    ProvenAt = context.Now,
                    ProvenBy = context.Actor.Id,
                }
            );
        context.Audit("knowledge.authorised", "source", source.Id, new { method });
    }

    async Task<ProofMethod> FindProofAsync(Uri site, string token, CancellationToken ct)
    {
        var records = await dns.FindAsync(DnsName(site), ct);
        if (records.Contains(DnsValue(token), StringComparer.Ordinal))
            return ProofMethod.Dns;
        var (file, fileProblem) = await ReadAsync(new Uri(site, FilePath), ct);
        if (file?.Trim().Equals(token, StringComparison.Ordinal) == true)
            return ProofMethod.File;
        var (home, homeProblem) = await ReadAsync(new Uri(site, "/"), ct);
        if (home is not null && MetaTokens(home).Contains(token, StringComparer.Ordinal))
            return ProofMethod.Meta;
        throw new RuleException(
            "proof",
            (fileProblem ?? homeProblem) is { } problem
                ? $"The proof could not be looked for: {problem}"
                : "The proof is not there yet: neither the meta tag on the home page, nor the file, nor the DNS record shows this site's token."
        );
    }

    static IEnumerable<string> MetaTokens(string html)
    {
        if (Documents.Nesting.IsTooDeep(html))
            return [];
        using var dom = new HtmlParser().ParseDocument(html);
        return
        [
            .. dom.GetElementsByTagName("meta")
                .Where(m => m.GetAttribute("name") is MetaName)
                .Select(m => m.GetAttribute("content")?.Trim() ?? ""),
        ];
    }

    async Task<(string? Text, string? Problem)> ReadAsync(Uri url, CancellationToken ct)
    {
        try
        {
            // Redirects could lead to a host whose owner never asked for this.
            using var response = await egress.Client(PageFetch.Policy(2_000_000, 15, redirects: 0)).GetAsync(url, ct);
            return (response.IsSuccessStatusCode ? PageText.Decode(await response.Content.ReadAsByteArrayAsync(ct), null) : null, null);
        }
        catch (EgressException e)
        {
            return (null, e.Message);
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            return (null, "The site's answer broke off.");
        }
    }
}
