using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Security.Cryptography;

namespace Tenet.Kernel.Vault;

/// <summary>
/// AES-256-GCM under one key. Layout: format (1), key version (4, big endian), nonce (12), tag (16), ciphertext.
/// </summary>
internal sealed class SealedBox(byte[] key, int version) : IDisposable
{
    private const byte Format = 1;
    private const int HeaderLength = 5;
    private const int NonceLength = 12;
    private const int TagLength = 16;
    private const int Overhead = HeaderLength + NonceLength + TagLength;

    // Making an AesGcm costs as much as sealing a field, and one may not be used by two threads at once.
    private readonly ConcurrentBag<AesGcm> _ciphers = [];
    private volatile bool _disposed;

    public static int VersionOf(ReadOnlySpan<byte> box) =>
        box.Length >= Overhead && box[0] == Format
            ? BinaryPrimitives.ReadInt32BigEndian(box[1..])
            : throw new CryptographicException("Not a sealed value.");

    public byte[] Seal(ReadOnlySpan<byte> plain, ReadOnlySpan<byte> boundTo)
    {
        var box = new byte[Overhead + plain.Length];
        box[0] = Format;
        BinaryPrimitives.WriteInt32BigEndian(box.AsSpan(1), version);
        var nonce = box.AsSpan(HeaderLength, NonceLength);
        Secrets.Bytes(NonceLength).CopyTo(nonce);
        var cipher = Take();
        cipher.Encrypt(nonce, plain, box.AsSpan(Overhead), box.AsSpan(HeaderLength + NonceLength, TagLength), boundTo);
        _ciphers.Add(cipher);
        return box;
    }

    /// <exception cref="CryptographicException">Changed, of another place, or sealed under another key.</exception>
    public byte[] Open(ReadOnlySpan<byte> box, ReadOnlySpan<byte> boundTo)
    {
        if (VersionOf(box) != version)
        {
            throw new CryptographicException("Sealed under another key version.");
        }
        var plain = new byte[box.Length - Overhead];
        var cipher = Take();
        try
        {
            cipher.Decrypt(
                box.Slice(HeaderLength, NonceLength),
                box[Overhead..],
                box.Slice(HeaderLength + NonceLength, TagLength),
                plain,
                boundTo
            );
        }
        finally
        {
            _ciphers.Add(cipher);
        }
        return plain;
    }

    private AesGcm Take()
    {
        var cipher = _ciphers.TryTake(out var idle) ? idle : new AesGcm(key, TagLength);
        // Checked after the key was read: nothing may ever be sealed under the zeroed key.
        ObjectDisposedException.ThrowIf(_disposed, this);
        return cipher;
    }

    public void Dispose()
    {
        _disposed = true;
        while (_ciphers.TryTake(out var cipher))
        {
            cipher.Dispose();
        }
        CryptographicOperations.ZeroMemory(key);
    }
}
