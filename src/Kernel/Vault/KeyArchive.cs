using System.Text.Json;
using System.Text.Json.Serialization;
using Npgsql;
using Tenet.Kernel.Postgres;
using Tenet.Kernel.Workspaces;

namespace Tenet.Kernel.Vault;

/// <summary>
/// The wrapped keys of an installation as one file, kept apart from the archives of the data that they open. One JSON object a line: a header,
/// the keys, and at the end their number. Only the master key opens them.
/// </summary>
public sealed class KeyArchive(Databases databases, KeyRing keys, WorkspaceScope door, SystemScope system)
{
    private const string Format = "tenet-keys/1";
    private const int MaxLine = 4_000;

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    /// <summary>Writes the file anew (mode 0600), beside the old one until it is whole.</summary>
    /// <returns>The number of keys.</returns>
    public async Task<long> ExportAsync(string path, CancellationToken ct)
    {
        var unfinished = path + ".unfinished";
        File.Delete(unfinished);
        long count = 0;
        var options = new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        };
        await using (var stream = new FileStream(unfinished, options))
        {
            await using var writer = new StreamWriter(stream);
            await writer.WriteLineAsync(JsonSerializer.Serialize(new ArchiveLine { Format = Format }, Json));
            await foreach (var line in LinesAsync(ct))
            {
                await writer.WriteLineAsync(JsonSerializer.Serialize(line, Json));
                count++;
            }
            await writer.WriteLineAsync(JsonSerializer.Serialize(new ArchiveLine { Count = count }, Json));
            await writer.FlushAsync(ct);
            stream.Flush(flushToDisk: true);
        }
        File.Move(unfinished, path, overwrite: true);
        return count;
    }

    private async IAsyncEnumerable<ArchiveLine> LinesAsync([System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken ct)
    {
        await using (var admin = new NpgsqlConnection(databases.AdminConnectionString))
        {
            await admin.OpenAsync(ct);
            foreach (var row in (await RootKeyRows.ReadAsync(admin, ct))!)
            {
                yield return new ArchiveLine
                {
                    Root = row.Version,
                    Master = row.Master,
                    Wrapped = row.Wrapped,
                    Signing = row.Signing,
                    Destroyed = row.DestroyedAt,
                };
            }
        }
        var workspaces = await system.RunAsync(
            s => s.ListAsync($"select id from kernel.workspace order by id", row => row.GetGuid(0), ct),
            ct
        );
        foreach (var workspace in workspaces)
        {
            for (var after = Guid.Empty; ; )
            {
                var lines = await door.RunAsync(workspace, Actor.Operator, ctx => ReadAsync(ctx, after, ct), ct);
                foreach (var line in lines)
                {
                    yield return line;
                }
                if (lines.LastOrDefault()?.Subject is not { } last)
                {
                    break;
                }
                after = last;
            }
        }
    }

    private static Task<List<ArchiveLine>> ReadAsync(WorkspaceContext ctx, Guid after, CancellationToken ct) =>
        ctx.ListAsync(
            $"""
            (select version, null::uuid, wrapped, destroyed_at from vault.workspace_key where {after} = {Guid.Empty} order by version)
            union all
            (select null, id, wrapped, destroyed_at from vault.subject_key where id > {after} order by id limit 5000)
            """,
            row => new ArchiveLine
            {
                Workspace = ctx.WorkspaceId,
                Version = row.ValueOrNull<int>(0),
                Subject = row.ValueOrNull<Guid>(1),
                Wrapped = row.IsDBNull(2) ? null : row.GetFieldValue<byte[]>(2),
                Destroyed = row.ValueOrNull<DateTimeOffset>(3),
            },
            ct
        );

    /// <summary>
    /// The root keys of a file, into a database that was restored without them. Before anything else can be opened; the caller then prepares
    /// the services and goes on with <see cref="ImportAsync"/>.
    /// </summary>
    /// <exception cref="MasterKeyException">The file is another installation's, or the master key is.</exception>
    public async Task ImportRootsAsync(string path, CancellationToken ct)
    {
        var lines = await ReadAsync(path, ct);
        await using var admin = new NpgsqlConnection(databases.AdminConnectionString);
        await admin.OpenAsync(ct);
        if (await RootKeyRows.ReadAsync(admin, ct) is not { } present)
        {
            throw new MasterKeyException(
                "This database has no place for keys. Restore the data first, with its schema, and then import the keys."
            );
        }
        if (present.Count > 0)
        {
            return;
        }
        await using (var transaction = await admin.BeginTransactionAsync(ct))
        {
            foreach (var line in lines.Where(line => line.Root is not null))
            {
                await RootKeyRows.RestoreAsync(admin, transaction, line, ct);
            }
            await transaction.CommitAsync(ct);
        }
        try
        {
            await keys.OpenAsync(admin, ct);
        }
        catch
        {
            await using var undo = new NpgsqlCommand("delete from vault.root_key", admin);
            await undo.ExecuteNonQueryAsync(CancellationToken.None);
            throw;
        }
    }

    /// <summary>
    /// The keys of a file that this database does not have. A key that either side knows as destroyed is destroyed afterwards; keys of
    /// workspaces that are not here are left out.
    /// </summary>
    /// <returns>The number of keys added, and of those left out.</returns>
    public async Task<(int Added, int LeftOut)> ImportAsync(string path, CancellationToken ct)
    {
        var known = (
            await system.RunAsync(s => s.ListAsync($"select id from kernel.workspace", row => row.GetGuid(0), ct), ct)
        ).ToHashSet();
        var (added, leftOut) = (0, 0);
        foreach (
            var workspace in (await ReadAsync(path, ct)).Where(line => line.Workspace is not null).GroupBy(line => line.Workspace!.Value)
        )
        {
            if (!known.Contains(workspace.Key))
            {
                leftOut += workspace.Count();
                continue;
            }
            added += await door.RunAsync(workspace.Key, Actor.Operator, ctx => RestoreAsync(ctx, [.. workspace], ct), ct);
        }
        return (added, leftOut);
    }

    private static async Task<int> RestoreAsync(WorkspaceContext ctx, List<ArchiveLine> lines, CancellationToken ct)
    {
        var added = 0;
        foreach (var line in lines)
        {
            added += line.Subject is { } subject
                ? await ctx.ExecuteAsync(
                    $"""
                    insert into vault.subject_key as k (id, wrapped, destroyed_at) values ({subject}, {line.Wrapped}::bytea, {line.Destroyed}::timestamptz)
                    on conflict (workspace_id, id) do update set wrapped = null, destroyed_at = excluded.destroyed_at
                     where k.destroyed_at is null and excluded.destroyed_at is not null
                    """,
                    ct
                )
                : await ctx.ExecuteAsync(
                    $"""
                    insert into vault.workspace_key as k (version, wrapped, destroyed_at)
                    values ({line.Version!.Value}, {line.Wrapped}::bytea, {line.Destroyed}::timestamptz)
                    on conflict (workspace_id, version) do update set wrapped = null, destroyed_at = excluded.destroyed_at
                     where k.destroyed_at is null and excluded.destroyed_at is not null
                    """,
                    ct
                );
        }
        ctx.Audit("key.imported", "workspace_key", ctx.WorkspaceId, new { added });
        ctx.Publish(WorkspaceVault.Topic, ctx.WorkspaceId);
        return added;
    }

    private static async Task<List<ArchiveLine>> ReadAsync(string path, CancellationToken ct)
    {
        var lines = new List<ArchiveLine>();
        using var reader = File.OpenText(path);
        while (await reader.ReadLineAsync(ct) is { } text)
        {
            lines.Add(Parse(text) ?? throw Broken(path, $"line {lines.Count + 1} is not what it should be"));
        }
        if (lines is not [{ Format: Format }, .., { Count: { } count }])
        {
            throw Broken(path, "it is cut off, or of another format");
        }
        return count == lines.Count - 2 ? lines : throw Broken(path, $"it should hold {count} keys and holds {lines.Count - 2}");
    }

    private static ArchiveLine? Parse(string text)
    {
        try
        {
            return text.Length <= MaxLine && JsonSerializer.Deserialize<ArchiveLine>(text, Json) is { IsWhole: true } line ? line : null;
        }
        catch (Exception e) when (e is JsonException or FormatException)
        {
            return null;
        }
    }

    private static MasterKeyException Broken(string path, string why) =>
        new($"{path} is no whole archive of keys: {why}. Nothing was imported. Take another copy.");
}

/// <summary>One line of the file: its header, a root key, a workspace's key, a person's key, or the end.</summary>
internal sealed record ArchiveLine
{
    public string? Format { get; init; }
    public int? Root { get; init; }
    public string? Master { get; init; }
    public Guid? Workspace { get; init; }
    public int? Version { get; init; }
    public Guid? Subject { get; init; }
    public byte[]? Wrapped { get; init; }
    public byte[]? Signing { get; init; }
    public DateTimeOffset? Destroyed { get; init; }
    public long? Count { get; init; }

    [JsonIgnore]
    public bool IsWhole =>
        Format is not null
        || Count is not null
        || (
            (Wrapped is null) != (Destroyed is null)
            && (Root > 0 ? Master is not null : Workspace is not null && (Version > 0) != (Subject is not null))
        );
}
