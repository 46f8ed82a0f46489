using System.Collections.Concurrent;
using System.Security.Cryptography;

namespace Tenet.Kernel.Vault;

/// <summary>
/// Seals values under one data key. Layout: header, salt (16), nonce (12), tag (16), ciphertext. Each box in each process takes a salt of its
/// own, and with it a key of its own (HKDF-SHA256), under which it counts: a nonce cannot come twice, whatever is restarted, restored or
/// run in parallel. The nonce is the count (4) and 8 random bytes, which part the copies of a machine that was duplicated while it ran.
/// </summary>
internal sealed class SealedBox : IDisposable
{
    private const int SaltLength = 16;
    private const int PlainOverhead = 5 + CipherPool.NonceLength + CipherPool.TagLength;
    private const int MaxSalts = 256;

    /// <summary>Values under one salt; the next takes another.</summary>
    internal const uint MaxCount = 1u << 31;

    private readonly byte[] _key;
    private readonly byte[] _header;
    private readonly CipherPool _plain;
    private readonly ConcurrentDictionary<Int128, CipherPool> _pools = new();
    private Count _count = new(Secrets.Bytes(SaltLength));
    private volatile bool _disposed;

    public SealedBox(byte[] key, int version)
        : this(key, SealedHeader.Of(version)) { }

    public SealedBox(byte[] key, SealedHeader header) =>
        (_key, _header, Header, _plain) = (key, header.ToArray(), header, new CipherPool([.. key]));

    public SealedHeader Header { get; }

    public byte[] Seal(ReadOnlySpan<byte> plain, ReadOnlySpan<byte> boundTo)
    {
        var count = NextCount(out var number);
        var box = new byte[_header.Length + SaltLength + CipherPool.NonceLength + CipherPool.TagLength + plain.Length];
        _header.CopyTo(box, 0);
        var rest = box.AsSpan(_header.Length);
        count.Salt.CopyTo(rest);
        var nonce = rest.Slice(SaltLength, CipherPool.NonceLength);
        System.Buffers.Binary.BinaryPrimitives.WriteUInt32BigEndian(nonce, number);
        Secrets.Fill(nonce[4..]);
        rest = rest[(SaltLength + CipherPool.NonceLength)..];
        Pool(count.Salt).Seal(nonce, plain, rest[CipherPool.TagLength..], rest[..CipherPool.TagLength], [.. _header, .. boundTo]);
        return box;
    }

    /// <exception cref="SealException">Changed, of another place, or sealed under another key.</exception>
    public byte[] Open(ReadOnlySpan<byte> box, ReadOnlySpan<byte> boundTo)
    {
        var header = SealedHeader.Read(box);
        if (header.Version != Header.Version || header.Subject != Header.Subject)
        {
            throw new SealException(SealFailure.OtherKey);
        }
        return header.Format == SealedHeader.Plain ? OpenPlain(box, boundTo) : OpenSalted(box[header.Length..], boundTo);
    }

    private byte[] OpenSalted(ReadOnlySpan<byte> box, ReadOnlySpan<byte> boundTo)
    {
        const int overhead = SaltLength + CipherPool.NonceLength + CipherPool.TagLength;
        if (box.Length < overhead)
        {
            throw new SealException(SealFailure.NotSealed);
        }
        var plain = new byte[box.Length - overhead];
        var nonce = box.Slice(SaltLength, CipherPool.NonceLength);
        var tag = box[(overhead - CipherPool.TagLength)..overhead];
        Pool(box[..SaltLength]).Open(nonce, box[overhead..], tag, plain, [.. _header, .. boundTo]);
        return plain;
    }

    private byte[] OpenPlain(ReadOnlySpan<byte> box, ReadOnlySpan<byte> boundTo)
    {
        if (box.Length < PlainOverhead)
        {
            throw new SealException(SealFailure.NotSealed);
        }
        var plain = new byte[box.Length - PlainOverhead];
        var tag = box[(PlainOverhead - CipherPool.TagLength)..PlainOverhead];
        _plain.Open(box.Slice(5, CipherPool.NonceLength), box[PlainOverhead..], tag, plain, boundTo);
        return plain;
    }

    private Count NextCount(out uint number)
    {
        while (true)
        {
            var count = _count;
            number = Interlocked.Increment(ref count.Taken);
            if (number <= MaxCount)
            {
                return count;
            }
            Interlocked.CompareExchange(ref _count, new Count(Secrets.Bytes(SaltLength)), count);
        }
    }

    private CipherPool Pool(ReadOnlySpan<byte> salt)
    {
        var name = System.Buffers.Binary.BinaryPrimitives.ReadInt128BigEndian(salt);
        if (_pools.TryGetValue(name, out var pool))
        {
            return pool;
        }
        var derived = HKDF.DeriveKey(HashAlgorithmName.SHA256, _key, MasterKey.Length, salt.ToArray(), "tenet/sealed"u8.ToArray());
        // Checked after the key was read: nothing may ever be sealed under the zeroed key.
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (_pools.Count >= MaxSalts)
        {
            // Values of many processes' lives: a pool is cheap to make again.
            _pools.Clear();
        }
        return _pools.GetOrAdd(name, new CipherPool(derived));
    }

    internal void SkipToForTests(uint number) => _count.Taken = number;

    public void Dispose()
    {
        _disposed = true;
        _plain.Dispose();
        foreach (var pool in _pools.Values)
        {
            pool.Dispose();
        }
        _pools.Clear();
        CryptographicOperations.ZeroMemory(_key);
    }

    private sealed class Count(byte[] salt)
    {
        public readonly byte[] Salt = salt;
        public uint Taken;
    }
}
