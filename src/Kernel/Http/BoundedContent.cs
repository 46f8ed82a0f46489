using System.Net;

namespace Tenet.Kernel.Http;

/// <summary>A body that cannot grow beyond its policy's bytes, nor take longer than its time, nor fall silent.</summary>
internal sealed class BoundedContent : HttpContent
{
    private readonly HttpContent _inner;
    private readonly EgressPolicy _policy;
    private readonly CancellationTokenSource _deadline;
    private readonly CancellationTokenSource _linked;

    public BoundedContent(HttpContent inner, EgressPolicy policy, CancellationTokenSource deadline, CancellationTokenSource linked)
    {
        (_inner, _policy, _deadline, _linked) = (inner, policy, deadline, linked);
        foreach (var header in inner.Headers)
        {
            Headers.TryAddWithoutValidation(header.Key, header.Value);
        }
        Headers.ContentLength = null;
    }

    protected override async Task<Stream> CreateContentReadStreamAsync() =>
        new BoundedStream(await _inner.ReadAsStreamAsync(_linked.Token), _policy, _deadline.Token, _linked.Token);

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        await using var body = await CreateContentReadStreamAsync();
        await body.CopyToAsync(stream, cancellationToken);
    }

    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _inner.Dispose();
            _linked.Dispose();
            _deadline.Dispose();
        }
        base.Dispose(disposing);
    }

    /// <param name="deadline">The policy's total time.</param>
    /// <param name="request">The deadline, or the token that the request was sent with.</param>
    private sealed class BoundedStream(Stream inner, EgressPolicy policy, CancellationToken deadline, CancellationToken request)
        : ForwardStream
    {
        // One for all reads: a streamed answer is read in hundreds of pieces.
        private readonly CancellationTokenSource _idle = CancellationTokenSource.CreateLinkedTokenSource(request);
        private long _read;

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            int count;
            try
            {
                count = await WatchedAsync(buffer, cancellationToken);
            }
            catch (OperationCanceledException e)
                when (deadline.IsCancellationRequested || !(cancellationToken.IsCancellationRequested || request.IsCancellationRequested))
            {
                throw new EgressException(EgressFailure.TooSlow, e);
            }
            catch (InvalidDataException e)
            {
                throw new HttpIOException(HttpRequestError.InvalidResponse, "The answer is not compressed as it says.", e);
            }
            _read += count;
            return _read <= policy.MaxBytes ? count : throw new EgressException(EgressFailure.TooLarge);
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                inner.Dispose();
                _idle.Dispose();
            }
            base.Dispose(disposing);
        }

        private async ValueTask<int> WatchedAsync(Memory<byte> buffer, CancellationToken reader)
        {
            reader.ThrowIfCancellationRequested();
            var reading = inner.ReadAsync(buffer, _idle.Token);
            if (reading.IsCompleted)
            {
                return await reading;
            }
            using var registration = reader.UnsafeRegister(static idle => ((CancellationTokenSource)idle!).Cancel(), _idle);
            _idle.CancelAfter(policy.IdleTime);
            var count = await reading;
            _idle.CancelAfter(Timeout.InfiniteTimeSpan);
            return count;
        }
    }
}
