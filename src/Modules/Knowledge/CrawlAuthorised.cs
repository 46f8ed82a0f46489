using Tenet.Kernel.Policies;

namespace Tenet.Knowledge;

/// <summary>Pages of a site were read only after its owner showed that it is theirs.</summary>
internal sealed class CrawlAuthorised()
    : ClaimKind("crawl_authorised", "A site is read only after its ownership was shown, and that is on record.")
{
    private const string Statement = """
        select (select count(*) from knowledge.source where kind = 'site' and crawl > 0),
               (select count(*) from knowledge.source s
                 where s.kind = 'site' and s.crawl > 0
                   and not exists (
                     select from knowledge.crawl_authorisation a
                      where a.host = split_part(split_part(s.url, '://', 2), '/', 1)
                        and a.proven_at <= coalesce(s.crawl_started_at, a.proven_at)))
        """;

    public override string Limits =>
        "It shows that a proof was recorded before the latest crawl. The proof itself was checked when it was given.";

    public override Task<Finding> ProbeAsync(ProbeRun run, Claim claim, CancellationToken ct) =>
        run.LookAsync(
            async ctx =>
            {
                var (sites, without) = await ctx.FirstOrDefaultAsync(
                    Tenet.Kernel.Workspaces.Sql.Constant(Statement),
                    row => (row.GetInt64(0), row.GetInt64(1)),
                    ct
                );
                return Finding.Of(
                    without == 0 ? [] : [$"{without} of {sites} sites were read without a recorded authorisation."],
                    $"{sites} sites were read, each after its authorisation was recorded.",
                    sites,
                    Statement
                );
            },
            ct
        );
}
