using Tenet.Kernel.Http;
using Tenet.Kernel.Workspaces;

namespace Tenet.Inbox.Widget;

/// <param name="Required">The age that has to be said before anything is stored; null when the chat does not ask.</param>
/// <param name="Confirmed">The visitor said that they are as old.</param>
internal sealed record AgeAnswer(int? Required, bool Confirmed);

/// <summary>Recognises a returning visitor by token or signed identity, or makes a new one, whose token ends at a moment.</summary>
internal static class OpenSession
{
    public static async Task<Guid> RunAsync(
        WorkspaceContext ctx,
        Guid? known,
        SignedIdentity? identity,
        string language,
        DateTimeOffset expiresAt,
        AgeAnswer age,
        CancellationToken ct
    )
    {
        var visitor = await FindOrCreateAsync(ctx, known, identity, language, ct);
        // What the token and the signature were worth stays to be looked at.
        var signedAt = identity is null ? (DateTimeOffset?)null : DateTimeOffset.FromUnixTimeSeconds(identity.IssuedAt);
        var isOfAge = await ctx.ScalarAsync<bool>(
            $"""
            update inbox.visitor set token_expires_at = {expiresAt}, identity_signed_at = coalesce({signedAt}, identity_signed_at),
                   identity_believed_at = case when {signedAt}::timestamptz is null then identity_believed_at else {ctx.Now} end,
                   age_confirmed_at = case when {age.Confirmed} then coalesce(age_confirmed_at, {ctx.Now}) else age_confirmed_at end
             where id = {visitor}
            returning age_confirmed_at is not null
            """,
            ct
        );
        if (age.Required is { } required && !isOfAge)
        {
            // Nothing of this is committed.
            throw new ConflictException(AgeTexts.Of(language).Unsaid(required));
        }
        return visitor;
    }

    private static async Task<Guid> FindOrCreateAsync(
        WorkspaceContext ctx,
        Guid? known,
        SignedIdentity? identity,
        string language,
        CancellationToken ct
    )
    {
        if (identity is not null)
        {
            // As every address is kept, so that a person is found by theirs however a site writes it.
            identity = identity with
            {
                Email = identity.Email?.Trim().ToLowerInvariant(),
            };
            return await IdentifiedAsync(ctx, known, identity, language, ct);
        }
        if (known is { } returning && await TouchAsync(ctx, returning, language, ct))
        {
            return returning;
        }
        return await CreateAsync(ctx, known, null, language, ct);
    }

    private static async Task<Guid> IdentifiedAsync(
        WorkspaceContext ctx,
        Guid? known,
        SignedIdentity identity,
        string language,
        CancellationToken ct
    )
    {
        var same = await ctx.ScalarAsync<Guid?>(
            $"""
            update inbox.visitor set email = coalesce({identity.Email}, email), name = coalesce({identity.Name}, name), seen_at = {ctx.Now}
             where external_id = {identity.Id}
            returning id
            """,
            ct
        );
        if (same is { } visitor)
        {
            return visitor;
        }
        // The anonymous visitor of this browser becomes the person; somebody else's person does not.
        var adopted = await ctx.ScalarAsync<Guid?>(
            $"""
            update inbox.visitor
               set external_id = {identity.Id}, email = coalesce({identity.Email}, email), name = coalesce({identity.Name}, name),
                   verified = true, seen_at = {ctx.Now}
             where id = {known} and external_id is null
            returning id
            """,
            ct
        );
        return adopted ?? await CreateAsync(ctx, null, identity, language, ct);
    }

    private static async Task<bool> TouchAsync(WorkspaceContext ctx, Guid visitor, string language, CancellationToken ct) =>
        await ctx.ExecuteAsync($"update inbox.visitor set seen_at = {ctx.Now}, language = {language} where id = {visitor}", ct) == 1;

    // A visitor whose rows were deleted by age keeps their id: their token still names it. One who was erased comes back as somebody new.
    private static async Task<Guid> CreateAsync(
        WorkspaceContext ctx,
        Guid? id,
        SignedIdentity? identity,
        string language,
        CancellationToken ct
    )
    {
        if (
            id is { } known
            && await ctx.ScalarAsync<bool>(
                $"select exists (select from vault.subject_key where id = {known} and destroyed_at is not null)",
                ct
            )
        )
        {
            id = null;
        }
        var visitor = id ?? Guid.CreateVersion7(ctx.Now);
        await ctx.ExecuteAsync(
            $"""
            insert into inbox.visitor (id, external_id, email, name, verified, language, created_at, seen_at)
            values ({visitor}, {identity?.Id}, {identity?.Email}, {identity?.Name}, {identity
                is not null}, {language}, {ctx.Now}, {ctx.Now})
            on conflict (workspace_id, id) do nothing
            """,
            ct
        );
        return visitor;
    }
}
