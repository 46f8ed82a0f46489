using Microsoft.AspNetCore.Http;
using Tenet.Kernel;
using Tenet.Kernel.Http;
using Tenet.Kernel.Workspaces;

namespace Tenet.Privacy.Consents;

/// <summary>What a person's browser says.</summary>
/// <param name="Signal">Read from the request's headers, never from its body.</param>
internal sealed record ConsentWish(
    Guid? Person,
    ConsentTexts Shown,
    ConsentMethod Method,
    bool Analytics,
    bool Preferences,
    PrivacySignal Signal,
    string? Origin
);

/// <summary>Keeps what persons choose.</summary>
internal static class GiveConsent
{
    public const string Rule = "privacy.consents";

    /// <summary>After that the person is asked anew: a consent does not hold for ever.</summary>
    public const int ValidMonths = 12;

    public static async Task<Consent> RunAsync(WorkspaceContext ctx, ConsentWish wish, CancellationToken ct)
    {
        var person = wish.Person is { } said && await KnownAsync(ctx, said, ct) ? said : new Guid(Secrets.Bytes(16));
        // Of what is not essential nothing is taken for granted: only who says yes has said yes, and a signal of the browser is overruled by nothing
        // but the person's own choice, category by category.
        var may = wish.Method switch
        {
            ConsentMethod.AcceptAll => wish.Signal == PrivacySignal.None,
            ConsentMethod.Preferences => true,
            _ => false,
        };
        var consent = new Consent
        {
            Id = Guid.CreateVersion7(ctx.Now),
            Person = person,
            NoticeId = await NoticeAsync(ctx, wish.Shown.Language, wish.Shown.Json, ct),
            Analytics = may && wish.Analytics,
            Preferences = may && wish.Preferences,
            Method = wish.Method,
            Signal = wish.Signal,
            Origin = wish.Origin,
            At = ctx.Now,
        };
        await ctx.ExecuteAsync(
            $"""
            insert into privacy.consent (id, person, notice_id, analytics, preferences, method, signal, origin, at)
            values ({consent.Id}, {consent.Person}, {consent.NoticeId}, {consent.Analytics}, {consent.Preferences}, {consent.Method},
                    {consent.Signal}, {consent.Origin}, {consent.At})
            """,
            ct
        );
        return consent;
    }

    public static PrivacySignal SignalOf(IHeaderDictionary headers) =>
        Says(headers, "Sec-GPC") ? PrivacySignal.Gpc
        : Says(headers, "DNT") ? PrivacySignal.Dnt
        : PrivacySignal.None;

    /// <exception cref="ConflictException">The page shows a text that is no longer the one in use.</exception>
    public static ConsentTexts Shown(string? language, string? notice)
    {
        var texts = ConsentTexts.Of(language);
        return texts.Version.Equals(notice, StringComparison.Ordinal)
            ? texts
            : throw new ConflictException("The text on the page has changed since it was loaded. Load the page again and choose.");
    }

    // Exactly 1, once: "1, 1" or " 1" is no signal.
    private static bool Says(IHeaderDictionary headers, string name) =>
        headers[name] is [{ } value] && value.Equals("1", StringComparison.Ordinal);

    private static Task<bool> KnownAsync(WorkspaceContext ctx, Guid person, CancellationToken ct) =>
        ctx.ScalarAsync<bool>($"select exists (select from privacy.consent where person = {person})", ct);

    /// <summary>Keeps a text that was shown, once, so that what was agreed to can be proved.</summary>
    internal static async Task<Guid> NoticeAsync(WorkspaceContext ctx, string language, string json, CancellationToken ct)
    {
        var hash = ConsentTexts.HashOf(language, json);
        await ctx.ExecuteAsync(
            $"""
            insert into privacy.consent_notice (id, hash, language, text, created_at)
            values ({Guid.CreateVersion7(ctx.Now)}, {hash}, {language}, {json}, {ctx.Now})
            on conflict (workspace_id, hash) do nothing
            """,
            ct
        );
        return await ctx.ScalarAsync<Guid>($"select id from privacy.consent_notice where hash = {hash}", ct);
    }
}
