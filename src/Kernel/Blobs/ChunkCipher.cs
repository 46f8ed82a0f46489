using System.Buffers.Binary;
using Tenet.Kernel.Vault;

namespace Tenet.Kernel.Blobs;

/// <summary>
/// Seals a stream in chunks, each with its place in the nonce and a mark on the last (the STREAM construction: Hoang, Reyhanitabar, Rogaway,
/// Vizár 2015). A chunk that is missing, doubled, moved, or of another blob does not open, and neither does a stream without its end. The key
/// seals one blob once, so that no nonce comes twice.
/// </summary>
internal sealed class ChunkCipher(byte[] key, Guid workspace, Guid blob) : IDisposable
{
    /// <summary>Plain bytes of every chunk but the last, which has at most as many.</summary>
    public const int ChunkLength = 256 * 1024;

    public const int Overhead = CipherPool.TagLength;

    private readonly CipherPool _cipher = new(key);
    private readonly byte[] _boundTo = Bind(workspace, blob);

    /// <param name="value">Takes tag and ciphertext: <see cref="Overhead"/> more than the plain bytes.</param>
    public void Seal(int position, bool last, ReadOnlySpan<byte> plain, Span<byte> value)
    {
        Span<byte> nonce = stackalloc byte[CipherPool.NonceLength];
        Nonce(position, last, nonce);
        _cipher.Seal(nonce, plain, value[Overhead..], value[..Overhead], _boundTo);
    }

    /// <exception cref="SealException">Not this chunk of this blob.</exception>
    public void Open(int position, bool last, ReadOnlySpan<byte> value, Span<byte> plain)
    {
        if (value.Length < Overhead)
        {
            throw new SealException(SealFailure.Changed);
        }
        Span<byte> nonce = stackalloc byte[CipherPool.NonceLength];
        Nonce(position, last, nonce);
        _cipher.Open(nonce, value[Overhead..], value[..Overhead], plain, _boundTo);
    }

    private static void Nonce(int position, bool last, Span<byte> nonce)
    {
        nonce.Clear();
        BinaryPrimitives.WriteInt32BigEndian(nonce[7..], position);
        nonce[11] = last ? (byte)1 : (byte)0;
    }

    private static byte[] Bind(Guid workspace, Guid blob)
    {
        var bytes = new byte[32];
        workspace.TryWriteBytes(bytes, bigEndian: true, out _);
        blob.TryWriteBytes(bytes.AsSpan(16), bigEndian: true, out _);
        return bytes;
    }

    public void Dispose() => _cipher.Dispose();
}
