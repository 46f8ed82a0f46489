using Tenet.Kernel.Vault;
using Tenet.Kernel.Workspaces;

namespace Tenet.Kernel.Blobs;

/// <summary>
/// Reads a blob forward, a few chunks in each round trip. Its key is asked for each time, so that one that is shredded ends what is being read.
/// Nothing of a chunk is handed on before the whole chunk has proved to be the right one.
/// </summary>
internal sealed class BlobStream(WorkspaceScope door, WorkspaceVault vault, Guid workspace, Actor actor, Guid id, long length)
    : ForwardStream
{
    private readonly int _chunks = (int)Math.Max(1, (length + ChunkCipher.ChunkLength - 1) / ChunkCipher.ChunkLength);
    private readonly byte[] _plain = new byte[(int)Math.Min(Math.Max(length, 1), (long)BlobStore.Together * ChunkCipher.ChunkLength)];
    private int _next;
    private int _start;
    private int _end;
    private long _position;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (buffer.Length == 0)
        {
            return 0;
        }
        if (_start == _end)
        {
            if (_next == _chunks)
            {
                return 0;
            }
            await FetchAsync(cancellationToken);
        }
        var count = Math.Min(buffer.Length, _end - _start);
        _plain.AsMemory(_start, count).CopyTo(buffer);
        (_start, _position) = (_start + count, _position + count);
        return count;
    }

    private async Task FetchAsync(CancellationToken ct)
    {
        var until = Math.Min(_chunks, _next + BlobStore.Together);
        var (key, chunks) = await door.RunAsync(workspace, actor, ctx => ReadAsync(ctx, _next, until, ct), ct);
        using var cipher = new ChunkCipher(key, workspace, id);
        (_start, _end) = (0, 0);
        foreach (var (position, bytes) in chunks)
        {
            var last = _next == _chunks - 1;
            var plain = last ? length - ((long)_next * ChunkCipher.ChunkLength) : ChunkCipher.ChunkLength;
            if (position != _next || bytes.Length != plain + ChunkCipher.Overhead)
            {
                throw new SealException(SealFailure.Changed);
            }
            cipher.Open(position, last, bytes, _plain.AsSpan(_end, (int)plain));
            (_end, _next) = (_end + (int)plain, _next + 1);
        }
        if (_next < until)
        {
            throw new SealException(SealFailure.Changed);
        }
    }

    private async Task<(byte[] Key, List<(int Position, byte[] Bytes)> Chunks)> ReadAsync(
        WorkspaceContext ctx,
        int from,
        int until,
        CancellationToken ct
    )
    {
        var wrapped =
            await ctx.ScalarAsync<byte[]>($"select key from kernel.blob where id = {id}", ct)
            ?? throw new SealException(SealFailure.KeyDestroyed);
        var key = await vault.OpenBytesAsync(ctx, BlobStore.KeyPlace(id), wrapped, ct);
        // One more than belongs to it, at the end: a blob must not be longer than it says.
        var limit = until == _chunks ? until + 1 : until;
        var chunks = await ctx.ListAsync(
            $"select position, bytes from kernel.blob_chunk where blob_id = {id} and position >= {from} and position < {limit} order by position",
            row => (row.GetInt32(0), row.GetFieldValue<byte[]>(1)),
            ct
        );
        return chunks.Count == until - from ? (key, chunks) : throw new SealException(SealFailure.Changed);
    }

    public override long Length => length;

    public override long Position
    {
        get => _position;
        set => throw new NotSupportedException();
    }

    protected override void Dispose(bool disposing)
    {
        System.Security.Cryptography.CryptographicOperations.ZeroMemory(_plain);
        base.Dispose(disposing);
    }
}
