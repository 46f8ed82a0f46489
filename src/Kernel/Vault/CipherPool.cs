using System.Collections.Concurrent;
using System.Security.Cryptography;

namespace Tenet.Kernel.Vault;

/// <summary>AES-256-GCM under one key. Making an AesGcm costs as much as sealing a field, and one may not be used by two threads at once.</summary>
internal sealed class CipherPool(byte[] key) : IDisposable
{
    public const int NonceLength = 12;
    public const int TagLength = 16;

    private readonly ConcurrentBag<AesGcm> _idle = [];
    private volatile bool _disposed;

    public void Seal(ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> plain, Span<byte> value, Span<byte> tag, ReadOnlySpan<byte> boundTo)
    {
        var cipher = Take();
        cipher.Encrypt(nonce, plain, value, tag, boundTo);
        _idle.Add(cipher);
    }

    /// <exception cref="SealException">Changed, or bound to something else.</exception>
    public void Open(
        ReadOnlySpan<byte> nonce,
        ReadOnlySpan<byte> value,
        ReadOnlySpan<byte> tag,
        Span<byte> plain,
        ReadOnlySpan<byte> boundTo
    )
    {
        var cipher = Take();
        try
        {
            cipher.Decrypt(nonce, value, tag, plain, boundTo);
        }
        catch (AuthenticationTagMismatchException e)
        {
            throw new SealException(SealFailure.Changed, e);
        }
        finally
        {
            _idle.Add(cipher);
        }
    }

    private AesGcm Take()
    {
        var cipher = _idle.TryTake(out var idle) ? idle : new AesGcm(key, TagLength);
        // Checked after the key was read: nothing may ever be sealed under the zeroed key.
        ObjectDisposedException.ThrowIf(_disposed, this);
        return cipher;
    }

    public void Dispose()
    {
        _disposed = true;
        while (_idle.TryTake(out var cipher))
        {
            cipher.Dispose();
        }
        CryptographicOperations.ZeroMemory(key);
    }
}
