using System.Text;
using Tenet.Kernel.Workspaces;

namespace Tenet.Kernel.Vault;

/// <summary>
/// Seals single values under the workspace's data key, or under the key of one person whose values must be shreddable on their own. The wrapped
/// keys are read each time, so that a key destroyed on any node opens nothing from then on.
/// </summary>
public sealed class WorkspaceVault(KeyRing keys) : IDisposable
{
    /// <summary>Published when keys of a workspace were destroyed or rotated.</summary>
    internal const string Topic = "vault.keys";

    private readonly KeyCache _cache = new();

    public Task<byte[]> SealAsync(WorkspaceContext ctx, SealedPlace place, string text, CancellationToken ct) =>
        SealAsync(ctx, place, Encoding.UTF8.GetBytes(text), ct);

    /// <exception cref="SealException">The workspace's keys are destroyed.</exception>
    public Task<byte[]> SealAsync(WorkspaceContext ctx, SealedPlace place, byte[] plain, CancellationToken ct) =>
        WithBoxAsync(
            async () => await CurrentAsync(ctx, ct) ?? await BeginAsync(ctx, ct),
            box => box.Seal(plain, place.Bind(ctx.WorkspaceId, box.Header.Version))
        );

    public Task<byte[]> SealForAsync(WorkspaceContext ctx, Guid subject, SealedPlace place, string text, CancellationToken ct) =>
        SealForAsync(ctx, subject, place, Encoding.UTF8.GetBytes(text), ct);

    /// <summary>Seals under the key of one person, made at its first use. Opened as any other value.</summary>
    /// <exception cref="SealException">The person's key was shredded.</exception>
    public Task<byte[]> SealForAsync(WorkspaceContext ctx, Guid subject, SealedPlace place, byte[] plain, CancellationToken ct) =>
        WithBoxAsync(
            async () => await SubjectAsync(ctx, subject, ct) ?? await BeginSubjectAsync(ctx, subject, ct),
            box => box.Seal(plain, place.Bind(ctx.WorkspaceId, 0))
        );

    /// <exception cref="SealException">The value was changed or moved, or its key is destroyed.</exception>
    public async Task<string> OpenAsync(WorkspaceContext ctx, SealedPlace place, byte[] value, CancellationToken ct) =>
        Encoding.UTF8.GetString(await OpenBytesAsync(ctx, place, value, ct));

    /// <inheritdoc cref="OpenAsync"/>
    public Task<byte[]> OpenBytesAsync(WorkspaceContext ctx, SealedPlace place, byte[] value, CancellationToken ct)
    {
        var header = SealedHeader.Read(value);
        return WithBoxAsync(
            async () =>
                header.Format == SealedHeader.OfSubject
                    ? await SubjectAsync(ctx, header.Subject, ct) ?? throw new SealException(SealFailure.KeyMissing)
                    : await VersionAsync(ctx, header.Version, ct),
            box => box.Open(value, place.Bind(ctx.WorkspaceId, header.Version))
        );
    }

    /// <summary>
    /// Destroys a person's key: whatever was sealed for them opens nowhere from the commit on, and nothing can be sealed for them again.
    /// </summary>
    /// <returns>When it was destroyed, by the database's clock; the first time counts.</returns>
    public async Task<DateTimeOffset> ShredAsync(WorkspaceContext ctx, Guid subject, CancellationToken ct)
    {
        // The statement's own time: a transaction may have begun long before. The row stays, so that no late writer makes a new key.
        var at = await ctx.FirstOrDefaultAsync(
            $"""
            insert into vault.subject_key (id, destroyed_at) values ({subject}, clock_timestamp())
            on conflict (workspace_id, id) do update
               set wrapped = null, destroyed_at = coalesce(vault.subject_key.destroyed_at, clock_timestamp())
            returning destroyed_at
            """,
            row => row.GetFieldValue<DateTimeOffset>(0),
            ct
        );
        ctx.Audit("key.shredded", "subject", subject);
        ctx.Publish(Topic, subject);
        return at;
    }

    /// <summary>Zeroes what this process remembers of a workspace's keys.</summary>
    internal void Forget(Guid workspace) => _cache.Forget(workspace);

    /// <summary>The boxes of every version that exists, for work on many values in one transaction.</summary>
    internal async Task<IReadOnlyDictionary<int, SealedBox>> LiveAsync(WorkspaceContext ctx, CancellationToken ct) =>
        (
            await ctx.ListAsync(
                $"select version, wrapped from vault.workspace_key where destroyed_at is null",
                row => (Version: row.GetInt32(0), Wrapped: row.GetFieldValue<byte[]>(1)),
                ct
            )
        ).ToDictionary(key => key.Version, key => Box(ctx.WorkspaceId, key.Version, key.Wrapped));

    internal byte[] Wrap(Guid workspace, int version, byte[] key) => keys.Current.Wrapping.Seal(key, KeyPlace.Bind(workspace, version));

    /// <exception cref="SealException">The row was changed, or its root key is gone.</exception>
    internal byte[] Unwrap(Guid workspace, int version, byte[] wrapped) =>
        keys.Of(SealedHeader.Read(wrapped).Version).Wrapping.Open(wrapped, KeyPlace.Bind(workspace, version));

    internal static SealedPlace SubjectPlace(Guid subject) => new("vault.subject_key", "wrapped", subject);

    private static async Task<byte[]> WithBoxAsync(Func<Task<SealedBox>> find, Func<SealedBox, byte[]> use)
    {
        for (var tries = 1; ; tries++)
        {
            try
            {
                return use(await find());
            }
            catch (ObjectDisposedException) when (tries < 3)
            {
                // Forgotten between finding and using it; what still exists is found again.
            }
        }
    }

    private async Task<SealedBox?> CurrentAsync(WorkspaceContext ctx, CancellationToken ct)
    {
        var row = await ctx.FirstOrDefaultAsync<(int Version, byte[] Wrapped)?>(
            $"select version, wrapped from vault.workspace_key where destroyed_at is null order by version desc limit 1",
            row => (row.GetInt32(0), row.GetFieldValue<byte[]>(1)),
            ct
        );
        return row is { } key ? Box(ctx.WorkspaceId, key.Version, key.Wrapped) : null;
    }

    private async Task<SealedBox> BeginAsync(WorkspaceContext ctx, CancellationToken ct)
    {
        var wrapped = Wrap(ctx.WorkspaceId, 1, Secrets.Bytes(MasterKey.Length));
        // Two first uses at once: one row wins, both read it back.
        await ctx.ExecuteAsync($"insert into vault.workspace_key (version, wrapped) values (1, {wrapped}) on conflict do nothing", ct);
        return await CurrentAsync(ctx, ct) ?? throw new SealException(SealFailure.KeyDestroyed);
    }

    private async Task<SealedBox> VersionAsync(WorkspaceContext ctx, int version, CancellationToken ct)
    {
        var row = await ctx.FirstOrDefaultAsync<(bool Exists, byte[]? Wrapped)>(
            $"select wrapped from vault.workspace_key where version = {version}",
            row => (true, row.IsDBNull(0) ? null : row.GetFieldValue<byte[]>(0)),
            ct
        );
        return row.Wrapped is { } wrapped
            ? Box(ctx.WorkspaceId, version, wrapped)
            : throw new SealException(row.Exists ? SealFailure.KeyDestroyed : SealFailure.KeyMissing);
    }

    private async Task<SealedBox?> SubjectAsync(WorkspaceContext ctx, Guid subject, CancellationToken ct)
    {
        var found = await ctx.FirstOrDefaultAsync<(byte[]? Wrapped, int? Version, byte[]? Workspace)?>(
            $"""
            select s.wrapped, k.version, k.wrapped
              from vault.subject_key s
              left join vault.workspace_key k on k.version = ('x' || encode(substring(s.wrapped from 2 for 4), 'hex'))::bit(32)::int
             where s.id = {subject}
            """,
            row =>
                (
                    row.IsDBNull(0) ? null : row.GetFieldValue<byte[]>(0),
                    row.ValueOrNull<int>(1),
                    row.IsDBNull(2) ? null : row.GetFieldValue<byte[]>(2)
                ),
            ct
        );
        if (found is not { } row)
        {
            return null;
        }
        if (row.Wrapped is not { } wrapped || row is { Version: not null, Workspace: null })
        {
            throw new SealException(SealFailure.KeyDestroyed);
        }
        if (row.Workspace is not { } workspaceKey)
        {
            throw new SealException(SealFailure.KeyMissing);
        }
        var box = Box(ctx.WorkspaceId, row.Version!.Value, workspaceKey);
        return _cache.Get(
            new(ctx.WorkspaceId, 0, subject),
            wrapped,
            () => new(box.Open(wrapped, SubjectPlace(subject).Bind(ctx.WorkspaceId, box.Header.Version)), SealedHeader.Of(subject))
        );
    }

    private async Task<SealedBox> BeginSubjectAsync(WorkspaceContext ctx, Guid subject, CancellationToken ct)
    {
        var wrapped = await SealAsync(ctx, SubjectPlace(subject), Secrets.Bytes(MasterKey.Length), ct);
        await ctx.ExecuteAsync($"insert into vault.subject_key (id, wrapped) values ({subject}, {wrapped}) on conflict do nothing", ct);
        return await SubjectAsync(ctx, subject, ct) ?? throw new SealException(SealFailure.KeyMissing);
    }

    private SealedBox Box(Guid workspace, int version, byte[] wrapped) =>
        _cache.Get(new(workspace, version, Guid.Empty), wrapped, () => new SealedBox(Unwrap(workspace, version, wrapped), version));

    private static SealedPlace KeyPlace => new("kernel.workspace_key", "wrapped", Guid.Empty);

    public void Dispose() => _cache.Dispose();
}
