namespace Tenet.Tests.Support;

/// <summary>The machine's clock, moved on by a test. Timers still take their real time.</summary>
internal sealed class MovableTime : TimeProvider
{
    private TimeSpan _moved;

    public void Move(TimeSpan by) => _moved += by;

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + _moved;

    public override long GetTimestamp() => base.GetTimestamp() + (long)(_moved.TotalSeconds * TimestampFrequency);
}
