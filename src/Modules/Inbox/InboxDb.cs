using Microsoft.EntityFrameworkCore;
using Tenet.Kernel.DataMaps;
using Tenet.Kernel.Http;
using Tenet.Kernel.Workspaces;

namespace Tenet.Inbox;

internal sealed class InboxDb(DbContextOptions<InboxDb> options) : ModuleDbContext(options)
{
    public DbSet<Conversation> Conversations => Set<Conversation>();
    public DbSet<Message> Messages => Set<Message>();
    public DbSet<Visitor> Visitors => Set<Visitor>();
    public DbSet<WidgetSettings> Widgets => Set<WidgetSettings>();

    protected override void Map(ModelBuilder model)
    {
        model.Entity<Conversation>().HasKey(conversation => conversation.Id);
        model.Entity<Visitor>().HasKey(visitor => visitor.Id);
        model.Entity<WidgetSettings>().HasKey(widget => widget.Id);
        model.Entity<Message>(message =>
        {
            message.HasKey(m => new { m.ConversationId, m.Seq });
            message.Ignore(m => m.CitationList);
            message.Property(m => m.Citations).HasColumnType("jsonb");
        });
        model.Entity<Visitor>().Ignore(visitor => visitor.Label);
    }
}

internal static class InboxQueries
{
    /// <summary>The conversation with its row locked until the commit: what is decided about it is decided once.</summary>
    /// <exception cref="NotFoundException">It does not exist, or belongs to another workspace.</exception>
    public static async Task<Conversation> LockConversationAsync(this WorkspaceContext ctx, Guid id, CancellationToken ct) =>
        await ctx.Db<InboxDb>()
            .Conversations.FromSql($"select * from inbox.conversation where id = {id} and visitor_id <> {Guid.Empty} for update")
            .SingleOrDefaultAsync(ct)
        ?? throw new NotFoundException("conversation");

    /// <summary>The visitor's current conversation, locked, or null when there is none yet.</summary>
    public static Task<Conversation?> LockCurrentAsync(this WorkspaceContext ctx, Guid visitorId, CancellationToken ct) =>
        ctx.Db<InboxDb>()
            .Conversations.FromSql($"select * from inbox.conversation where visitor_id = {visitorId} and current for update")
            .SingleOrDefaultAsync(ct);
}
