namespace Tenet.Kernel.Telemetry;

/// <summary>After how many days log files go, as the strictest policy in force says. Nothing is deleted before that is known.</summary>
public sealed class LogAge
{
    private int _days;

    /// <summary>Null until the policies were read.</summary>
    public int? Days
    {
        get => Volatile.Read(ref _days) is > 0 and var days ? days : null;
        set => Volatile.Write(ref _days, value ?? 0);
    }
}
