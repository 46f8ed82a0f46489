using Tenet.Kernel;

namespace Tenet.Knowledge.Crawling;

internal sealed class SitemapTooLargeException() : IOException("The sitemap is larger than the limit.");

/// <summary>Forward reading with a limit on what may come out: decompression is bounded by its result, not by its input.</summary>
internal sealed class BoundedStream(Stream inner, long most) : ForwardStream
{
    long read;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var count = await inner.ReadAsync(buffer, cancellationToken);
        read += count;
        return read <= most ? count : throw new SitemapTooLargeException();
    }
}

/// <summary>A stream whose first bytes have been looked at.</summary>
internal sealed class PrefixedStream(ReadOnlyMemory<byte> prefix, Stream rest) : ForwardStream
{
    ReadOnlyMemory<byte> prefix = prefix;

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (prefix.Length == 0)
            return rest.ReadAsync(buffer, cancellationToken);
        var count = Math.Min(prefix.Length, buffer.Length);
        prefix[..count].CopyTo(buffer);
        prefix = prefix[count..];
        return ValueTask.FromResult(count);
    }
}
