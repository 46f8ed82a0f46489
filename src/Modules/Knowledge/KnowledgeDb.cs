using Microsoft.EntityFrameworkCore;
using Tenet.Kernel.DataMaps;

namespace Tenet.Knowledge;

internal sealed class KnowledgeDb(DbContextOptions<KnowledgeDb> options) : ModuleDbContext(options)
{
    public DbSet<Source> Sources => Set<Source>();
    public DbSet<CrawlAuthorisation> Authorisations => Set<CrawlAuthorisation>();
    public DbSet<Page> Pages => Set<Page>();
    public DbSet<Upload> Uploads => Set<Upload>();
    public DbSet<QuestionAnswer> Questions => Set<QuestionAnswer>();

    protected override void Map(ModelBuilder model)
    {
        model.Entity<Source>().HasKey(s => s.Id);
        model.Entity<Source>().Ignore(s => s.IsCrawled).Ignore(s => s.Start);
        model.Entity<CrawlAuthorisation>().HasKey(a => a.Id);
        model.Entity<Page>().HasKey(p => p.Id);
        model.Entity<Upload>().HasKey(u => u.Id);
        model.Entity<QuestionAnswer>().HasKey(q => q.Id);
    }
}
