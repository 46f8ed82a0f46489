using System.Buffers;
using Npgsql;
using Tenet.Kernel.Http;
using Tenet.Kernel.Vault;
using Tenet.Kernel.Workspaces;

namespace Tenet.Kernel.Blobs;

/// <summary>
/// Sealed blobs in PostgreSQL: one backup, every node reads them, and a kill leaves nothing but rows to sweep. Written and read as streams in
/// bounded memory, with short transactions only, so that a slow client holds none open.
/// </summary>
public sealed class BlobStore(WorkspaceScope door, WorkspaceVault vault)
{
    /// <summary>Chunks that travel together.</summary>
    internal const int Together = 4;

    /// <summary>
    /// Stores a stream. Nothing refers to it yet: call <see cref="KeepAsync"/> in the transaction that does, or it is swept away after a day.
    /// </summary>
    /// <param name="subject">The person with whose key it must be shreddable.</param>
    /// <param name="maxLength">Bytes; a longer stream is refused.</param>
    /// <exception cref="RuleException">The stream is longer.</exception>
    public async Task<Guid> WriteAsync(Guid workspace, Actor actor, Stream content, long maxLength, Guid? subject, CancellationToken ct)
    {
        var key = Secrets.Bytes(MasterKey.Length);
        var id = await door.RunAsync(workspace, actor, ctx => BeginAsync(ctx, key, subject, ct), ct);
        using var cipher = new ChunkCipher(key, workspace, id);
        var plain = ArrayPool<byte>.Shared.Rent(ChunkCipher.ChunkLength + 1);
        try
        {
            await WriteAsync(new Writing(door, workspace, actor, id), cipher, content, plain, maxLength, ct);
            return id;
        }
        catch
        {
            await GiveUpAsync(workspace, actor, id);
            throw;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(plain, clearArray: true);
        }
    }

    private async Task GiveUpAsync(Guid workspace, Actor actor, Guid id)
    {
        try
        {
            await door.RunAsync(workspace, actor, ctx => DeleteAsync(ctx, id, CancellationToken.None), CancellationToken.None);
        }
        catch (NpgsqlException)
        {
            // The sweep does it, and why the writing failed is the better thing to tell.
        }
    }

    private static async Task WriteAsync(
        Writing writing,
        ChunkCipher cipher,
        Stream content,
        byte[] plain,
        long maxLength,
        CancellationToken ct
    )
    {
        // One byte more than a chunk: only so is it known, when a chunk is full, whether it is the last.
        var (filled, length) = (0, 0L);
        while (true)
        {
            filled += await content.ReadAtLeastAsync(
                plain.AsMemory(filled, ChunkCipher.ChunkLength + 1 - filled),
                ChunkCipher.ChunkLength + 1 - filled,
                throwOnEndOfStream: false,
                ct
            );
            var last = filled <= ChunkCipher.ChunkLength;
            var count = Math.Min(filled, ChunkCipher.ChunkLength);
            length += count;
            if (length > maxLength)
            {
                throw new RuleException("content", $"At most {maxLength:N0} bytes, please.");
            }
            var chunk = new byte[count + ChunkCipher.Overhead];
            cipher.Seal(writing.Position, last, plain.AsSpan(0, count), chunk);
            await writing.AddAsync(chunk, ct);
            if (last)
            {
                await writing.FinishAsync(length, ct);
                return;
            }
            plain[0] = plain[ChunkCipher.ChunkLength];
            filled = 1;
        }
    }

    private async Task<Guid> BeginAsync(WorkspaceContext ctx, byte[] key, Guid? subject, CancellationToken ct)
    {
        var id = Guid.CreateVersion7(ctx.Now);
        var wrapped = subject is { } person
            ? await vault.SealForAsync(ctx, person, KeyPlace(id), key, ct)
            : await vault.SealAsync(ctx, KeyPlace(id), key, ct);
        await ctx.ExecuteAsync(
            $"insert into kernel.blob (id, key, subject_id, created_at) values ({id}, {wrapped}, {subject}, {ctx.Now})",
            ct
        );
        return id;
    }

    /// <summary>Takes a blob over, in the transaction whose rows refer to it.</summary>
    /// <exception cref="NotFoundException">There is no such blob, or it was not written to its end.</exception>
    public static async Task KeepAsync(WorkspaceContext ctx, Guid id, CancellationToken ct)
    {
        if (await ctx.ExecuteAsync($"update kernel.blob set kept_at = {ctx.Now} where id = {id} and length is not null", ct) == 0)
        {
            throw new NotFoundException("file");
        }
    }

    public static Task DeleteAsync(WorkspaceContext ctx, Guid id, CancellationToken ct) =>
        ctx.ExecuteAsync($"delete from kernel.blob where id = {id}", ct);

    /// <returns>Bytes before sealing.</returns>
    /// <exception cref="NotFoundException">There is no such blob, or it was not written to its end.</exception>
    public static async Task<long> LengthAsync(WorkspaceContext ctx, Guid id, CancellationToken ct) =>
        await ctx.FirstOrDefaultAsync<long?>(
            $"select length from kernel.blob where id = {id} and length is not null",
            row => row.GetInt64(0),
            ct
        ) ?? throw new NotFoundException("file");

    /// <summary>A stream over the opened content. Reading throws <see cref="SealException"/> where it was changed, cut off or shredded.</summary>
    /// <exception cref="NotFoundException">There is no such blob, or it was not written to its end.</exception>
    public async Task<Stream> OpenAsync(Guid workspace, Actor actor, Guid id, CancellationToken ct)
    {
        var length = await door.RunAsync(workspace, actor, ctx => LengthAsync(ctx, id, ct), ct);
        return new BlobStream(door, vault, workspace, actor, id, length);
    }

    internal static Task<List<Guid>> ListAsync(WorkspaceContext ctx, CancellationToken ct) =>
        ctx.ListAsync($"select id from kernel.blob where length is not null order by id", row => row.GetGuid(0), ct);

    /// <summary>Reads a blob from end to end.</summary>
    /// <exception cref="SealException">It was changed, cut off or shredded.</exception>
    internal async Task VerifyAsync(Guid workspace, Guid id, CancellationToken ct)
    {
        await using var stream = await OpenAsync(workspace, Actor.Operator, id, ct);
        await stream.CopyToAsync(Stream.Null, ChunkCipher.ChunkLength, ct);
    }

    internal static SealedPlace KeyPlace(Guid id) => new("kernel.blob", "key", id);

    /// <summary>Chunks on their way into the database, a few in each transaction.</summary>
    private sealed class Writing(WorkspaceScope door, Guid workspace, Actor actor, Guid id)
    {
        private readonly List<byte[]> _waiting = [];

        public int Position { get; private set; }

        public async Task AddAsync(byte[] chunk, CancellationToken ct)
        {
            _waiting.Add(chunk);
            Position++;
            if (_waiting.Count == Together)
            {
                await StoreAsync(null, ct);
            }
        }

        public Task FinishAsync(long length, CancellationToken ct) => StoreAsync(length, ct);

        private async Task StoreAsync(long? length, CancellationToken ct)
        {
            var chunks = _waiting.ToArray();
            var positions = Enumerable.Range(Position - chunks.Length, chunks.Length).ToArray();
            await door.BatchAsync(
                workspace,
                actor,
                batch =>
                {
                    if (chunks.Length > 0)
                    {
                        batch.Add(
                            $"""
                            insert into kernel.blob_chunk (blob_id, position, bytes)
                            select {id}, position, bytes from unnest({positions}, {chunks}) as c(position, bytes)
                            """
                        );
                    }
                    if (length is { } whole)
                    {
                        batch.Add($"update kernel.blob set length = {whole} where id = {id}");
                    }
                },
                ct
            );
            _waiting.Clear();
        }
    }
}
