using System.Collections.Concurrent;
using System.Security.Cryptography;

namespace Tenet.Odoo.Tenants;

/// <summary>One key for many requests at once: an <see cref="ECDsa"/> serves one thread at a time, and importing it costs more than a signature.</summary>
internal sealed class KeyPool(Func<ECDsa> open)
{
    private const int Most = 16;
    private readonly ConcurrentBag<ECDsa> _idle = [];

    public bool Verify(ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature)
    {
        var key = _idle.TryTake(out var idle) ? idle : open();
        var valid = key.VerifyData(data, signature, HashAlgorithmName.SHA256);
        Return(key);
        return valid;
    }

    public byte[] Sign(ReadOnlySpan<byte> data)
    {
        var key = _idle.TryTake(out var idle) ? idle : open();
        var signature = key.SignData(data, HashAlgorithmName.SHA256);
        Return(key);
        return signature;
    }

    private void Return(ECDsa key)
    {
        if (_idle.Count < Most)
        {
            _idle.Add(key);
        }
        else
        {
            key.Dispose();
        }
    }
}
