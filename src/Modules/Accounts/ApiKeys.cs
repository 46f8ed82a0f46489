using Microsoft.AspNetCore.Routing;
using Tenet.Kernel.Http;
using Tenet.Kernel.Workspaces;

namespace Tenet.Accounts;

/// <summary>Making, listing and revoking keys.</summary>
internal sealed class ApiKeys(EndpointDataSource endpoints)
{
    /// <summary>Published when a key is made or revoked.</summary>
    public const string Topic = "accounts.api_key";

    private const int MaxPerWorkspace = 200;
    private const int MaxDays = 3650;

    /// <summary>The scopes that a key can be given: those that endpoints ask for.</summary>
    public IReadOnlyList<string> Scopes => ApiScopes.Of(endpoints);

    /// <summary>The caller's own keys; for an admin all of the workspace. Newest first.</summary>
    public static async Task<List<ApiKeyLine>> ListAsync(WorkspaceContext ctx, CancellationToken ct)
    {
        Sql all = $"true";
        Sql own = $"k.member_id = {ctx.Actor.Id}";
        return await ctx.ListAsync(
            $"""
            select k.id, k.member_id, k.role, k.name, k.prefix, k.scopes, k.requests_per_minute, k.created_at, k.expires_at, k.last_used_at,
                   m.name
              from accounts.api_key k
              left join accounts.member m on m.workspace_id = k.workspace_id and m.id = coalesce(k.member_id, k.created_by)
             where {(await MemberRules.ActsAsAdminAsync(ctx, ct) ? all : own)}
             order by k.id desc
            """,
            row => new ApiKeyLine(
                new ApiKey
                {
                    Id = row.GetGuid(0),
                    MemberId = row.ValueOrNull<Guid>(1),
                    Role = row.TextOrNull(2),
                    Name = row.GetString(3),
                    Prefix = row.GetString(4),
                    Scopes = row.GetFieldValue<string[]>(5),
                    RequestsPerMinute = row.ValueOrNull<int>(6),
                    CreatedAt = row.GetFieldValue<DateTimeOffset>(7),
                    ExpiresAt = row.ValueOrNull<DateTimeOffset>(8),
                    LastUsedAt = row.ValueOrNull<DateTimeOffset>(9),
                },
                row.TextOrNull(10)
            ),
            ct
        );
    }

    /// <summary>Makes a key for the member who asks or, when <see cref="NewApiKey.Role"/> says what it may do, one of the workspace.</summary>
    /// <exception cref="RuleException">A field cannot be used.</exception>
    /// <exception cref="AccessDeniedException">Keys of the workspace are made by admins.</exception>
    /// <exception cref="ConflictException">The workspace has as many keys as it may have.</exception>
    public async Task<MadeApiKey> MakeAsync(WorkspaceContext ctx, NewApiKey wanted, CancellationToken ct)
    {
        var validation = new Validation();
        var name = validation.Text("name", wanted.Name, 100);
        var scopes = (wanted.Scopes ?? []).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToArray();
        validation.Check(scopes.Length > 0, "scopes", "Choose at least one: without a scope a key reaches nothing.");
        validation.Check(
            scopes.All(scope => Scopes.Contains(scope, StringComparer.Ordinal)),
            "scopes",
            "One of these scopes does not exist."
        );
        validation.Number("expiresInDays", wanted.ExpiresInDays ?? 1, 1, MaxDays);
        validation.Number("requestsPerMinute", wanted.RequestsPerMinute ?? 1, 1, 100_000);
        if (wanted.Role is not null)
        {
            validation.OneOf("role", wanted.Role, (IReadOnlyCollection<string>)ApiKey.Roles);
        }
        validation.Throw();
        if (wanted.Role is not null && !await MemberRules.ActsAsAdminAsync(ctx, ct))
        {
            throw new RuleException("role", "Only an owner or admin can make a key of the workspace.");
        }
        if (await ctx.ScalarAsync<long>($"select count(*) from accounts.api_key", ct) >= MaxPerWorkspace)
        {
            throw new ConflictException($"The workspace has {MaxPerWorkspace} keys already. Revoke some that are not used.");
        }
        var text = ApiKeyText.New(ctx.WorkspaceId);
        var key = new ApiKey
        {
            Id = Guid.CreateVersion7(ctx.Now),
            MemberId = wanted.Role is null ? ctx.Actor.MemberId : null,
            Role = wanted.Role,
            Name = name,
            Prefix = text.Prefix,
            Scopes = scopes,
            RequestsPerMinute = wanted.RequestsPerMinute,
            CreatedAt = ctx.Now,
            ExpiresAt = wanted.ExpiresInDays is { } days ? ctx.Now.AddDays(days) : null,
        };
        await ctx.ExecuteAsync(
            $"""
            insert into accounts.api_key (id, member_id, role, name, prefix, token_hash, scopes, requests_per_minute, created_by, created_at, expires_at)
            values ({key.Id}, {key.MemberId}::uuid, {key.Role}::text, {key.Name}, {key.Prefix}, {text.Hash}, {scopes},
                    {key.RequestsPerMinute}::int, {ctx.Actor.Id}::uuid, {key.CreatedAt}, {key.ExpiresAt}::timestamptz)
            """,
            ct
        );
        ctx.Audit(
            "api_key.made",
            "api_key",
            key.Id,
            new
            {
                key.Role,
                scopes,
                key.ExpiresAt,
            }
        );
        ctx.Publish(Topic, key.Id);
        return new MadeApiKey(key, text.Text);
    }

    /// <summary>Ends a key at once. A member ends their own; an admin any.</summary>
    /// <exception cref="NotFoundException">No such key, or somebody else's.</exception>
    public static async Task RevokeAsync(WorkspaceContext ctx, Guid id, CancellationToken ct)
    {
        var any = await MemberRules.ActsAsAdminAsync(ctx, ct);
        if (await ctx.ExecuteAsync($"delete from accounts.api_key where id = {id} and ({any} or member_id = {ctx.Actor.Id})", ct) == 0)
        {
            throw new NotFoundException("key");
        }
        ctx.Audit("api_key.revoked", "api_key", id);
        ctx.Publish(Topic, id);
    }
}

/// <param name="Role">Makes a key of the workspace with this role; null makes a personal one.</param>
internal sealed record NewApiKey(
    string? Name,
    string[]? Scopes,
    string? Role = null,
    int? ExpiresInDays = null,
    int? RequestsPerMinute = null
);

/// <param name="Text">The key itself. Nobody sees it again.</param>
internal sealed record MadeApiKey(ApiKey Key, string Text);

/// <param name="Person">Whose it is, or who made it; null when they have left.</param>
internal sealed record ApiKeyLine(ApiKey Key, string? Person);
