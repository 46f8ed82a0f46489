using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Json;
using Tenet.Accounts;
using Tenet.Kernel;
using Tenet.Kernel.Http;
using Tenet.Kernel.Mail;
using Tenet.Kernel.Policies;
using Tenet.Kernel.Subjects;
using Tenet.Kernel.Workspaces;
using Tenet.Privacy.Exports;
using Tenet.Privacy.Requests;

namespace Tenet.Privacy.Marketing;

/// <summary>What the page behind a letter's link shows.</summary>
internal sealed record MarketingLink(string Workspace, string Language, bool Confirmed, string Agreed);

/// <summary>
/// Takes wishes to be written to, has them confirmed by a mailed link, and ends them. Only where the policy in force promises it, and the answer
/// to a wish is the same whether or not somebody is on the list already.
/// </summary>
internal sealed class MarketingList(Mailer mailer, PublicAddress address, PolicyBook book, RefusedIdentifiers refused)
{
    public const string Rule = "privacy.marketing";

    // Who fills in the form twice wants one letter; who fills it in for others must not flood them.
    private static readonly TimeSpan BetweenLetters = TimeSpan.FromHours(1);

    /// <summary>Whether the workspace keeps such a list at all.</summary>
    public async Task<bool> IsOpenAsync(Guid workspace, CancellationToken ct) =>
        OptIn.WithinOf(await book.OfAsync(workspace, ct)) is not null;

    /// <exception cref="NotFoundException">The workspace keeps no list.</exception>
    public async Task AskAsync(WorkspaceContext ctx, string email, string? language, MarketingMethod method, CancellationToken ct)
    {
        var within = OptIn.WithinOf(await book.OfAsync(ctx.WorkspaceId, ct)) ?? throw new NotFoundException("list");
        if (await Purposes.IsStoppedAsync(ctx, Purposes.Marketing, ct))
        {
            throw new ConflictException("Nobody is put on this list at present.");
        }
        // A child's: nothing is stored, and whoever asks here is not told why.
        if (await refused.AnyAsync(ctx, [email], ct))
        {
            return;
        }
        var texts = RequestTexts.Of(language);
        var name = await WorkspaceName.OfAsync(ctx, ct);
        var notice = await NoticeAsync(ctx, texts, name, ct);
        // Of somebody whose data is kept and not used, nothing is told to whoever asks here.
        await RestrictedRows.ShowAsync(ctx, ct);
        var (secret, ends, id) = (Secrets.Bytes(32), within.After(ctx.Now), Guid.CreateVersion7(ctx.Now));
        // One statement decides, so that two at once are one letter. A confirmed wish stays as it is.
        var mailed = await ctx.ScalarAsync<Guid?>(
            $"""
            insert into privacy.marketing_consent as m
                   (id, email, notice_id, language, method, asked_at, link_hash, link_ends_at)
            values ({id}, {email}, {notice}, {texts.Language}, {method}, {ctx.Now}, {SHA256.HashData(secret)}, {ends})
            on conflict (workspace_id, email) where withdrawn_at is null
            do update set notice_id = excluded.notice_id, language = excluded.language, method = excluded.method,
                          asked_at = excluded.asked_at, link_hash = excluded.link_hash, link_ends_at = excluded.link_ends_at
             where m.confirmed_at is null and m.asked_at < {ctx.Now - BetweenLetters}
               and not exists (select from kernel.restriction r where r.person_id = m.id)
            returning m.id
            """,
            ct
        );
        if (mailed is null)
        {
            return;
        }
        Send(ctx, texts, name, email, "news.letter", secret, ends);
        ctx.Audit("marketing.asked", "marketing_consent", mailed.Value);
    }

    public static async Task<MarketingLink?> FindAsync(WorkspaceContext ctx, byte[] hash, CancellationToken ct) =>
        await ctx.FirstOrDefaultAsync(
            $"""
            select m.language, m.confirmed_at is not null, n.text::json ->> 'agree', (select name from kernel.workspace)
              from privacy.marketing_consent m join privacy.consent_notice n on n.workspace_id = m.workspace_id and n.id = m.notice_id
             where m.withdrawn_at is null
               and ((m.link_hash = {hash} and m.confirmed_at is null and m.link_ends_at > {ctx.Now}) or m.withdrawal_hash = {hash})
            """,
            row => new MarketingLink(row.GetString(3), row.GetString(0), row.GetBoolean(1), row.GetString(2)),
            ct
        );

    /// <returns>The token that ends it again, which a letter has too.</returns>
    /// <exception cref="NotFoundException">The link was used, is too old or was made up: all the same.</exception>
    public async Task<string> ConfirmAsync(WorkspaceContext ctx, byte[] hash, CancellationToken ct)
    {
        var secret = Secrets.Bytes(32);
        var found = await ctx.ListAsync(
            $"""
            update privacy.marketing_consent
               set used_hash = {hash}, confirmed_at = {ctx.Now}, withdrawal_hash = {SHA256.HashData(secret)}
             where link_hash = {hash} and confirmed_at is null and withdrawn_at is null and link_ends_at > {ctx.Now}
            returning id, email, language
            """,
            row => (Id: row.GetGuid(0), Email: row.GetString(1), Language: row.GetString(2)),
            ct
        );
        if (found is not [var consent])
        {
            throw new NotFoundException("wish behind this link");
        }
        var name = await WorkspaceName.OfAsync(ctx, ct);
        ctx.Audit("marketing.confirmed", "marketing_consent", consent.Id);
        return Send(ctx, RequestTexts.Of(consent.Language), name, consent.Email, "news.welcome", secret, ctx.Now);
    }

    /// <summary>Off the list by the person's own link.</summary>
    /// <returns>The language of their letters; null when nobody is on the list by this link.</returns>
    public static async Task<string?> WithdrawAsync(WorkspaceContext ctx, byte[] hash, CancellationToken ct) =>
        await EndAsync(ctx, $"withdrawal_hash = {hash}", WithdrawnBy.Person, ct) == 0
            ? null
            : await ctx.ScalarAsync<string>($"select language from privacy.marketing_consent where withdrawal_hash = {hash}", ct);

    /// <summary>Ends what was asked for or confirmed; the record of it stays as proof.</summary>
    /// <returns>How many.</returns>
    public static async Task<int> EndAsync(WorkspaceContext ctx, Sql which, WithdrawnBy by, CancellationToken ct)
    {
        var ended = await ctx.ListAsync(
            $"update privacy.marketing_consent set withdrawn_at = {ctx.Now}, withdrawn_by = {by} where withdrawn_at is null and {which} returning id",
            row => row.GetGuid(0),
            ct
        );
        foreach (var id in ended)
        {
            ctx.Audit("marketing.withdrawn", "marketing_consent", id, new { by });
        }
        return ended.Count;
    }

    private string Send(
        WorkspaceContext ctx,
        RequestTexts texts,
        string workspace,
        string email,
        string letter,
        byte[] secret,
        DateTimeOffset ends
    )
    {
        var token = Base64Url.EncodeToString([.. ctx.WorkspaceId.ToByteArray(), .. secret]);
        (string, string)[] values =
        [
            ("workspace", workspace),
            ("link", new Uri(address.Own, "/privacy/news/" + token).AbsoluteUri),
            ("ends", texts.Day(ends)),
        ];
        mailer.Send(ctx, new Letter(email, texts.Fill(letter + ".subject", values), texts.Fill(letter + ".text", values)));
        return token;
    }

    private static async Task<Guid> NoticeAsync(WorkspaceContext ctx, RequestTexts texts, string workspace, CancellationToken ct)
    {
        var json = JsonSerializer.Serialize(
            new SortedDictionary<string, string>(StringComparer.Ordinal) { ["agree"] = texts.Fill("news.agree", ("workspace", workspace)) }
        );
        return await Consents.GiveConsent.NoticeAsync(ctx, texts.Language, json, ct);
    }

    /// <returns>Null when it is no token at all.</returns>
    public static (Guid Workspace, byte[] Hash)? Read(string token) => BeginPersonExport.Read(token);
}
