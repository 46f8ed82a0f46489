using System.Diagnostics;

namespace Tenet.Kernel;

/// <summary>
/// A place at which the crash tests end the process as the kernel of the system would: SIGKILL, nothing flushed. The calls exist in debug
/// builds only; a release build has none of them, whatever its environment says.
/// </summary>
internal static class CrashPoint
{
    /// <summary><c>PLACE/POINT</c> or <c>PLACE/POINT/N</c>: die when it is reached for the Nth time.</summary>
    public const string Variable = "TENET_CRASH_AT";

    private static readonly AsyncLocal<string?> Place = new();
    private static readonly (string Name, int Times)? Wanted = Read(Environment.GetEnvironmentVariable(Variable));
    private static int _reached;

    /// <summary>Names what runs from here on in this flow: a kind of job, a request.</summary>
    [Conditional("DEBUG")]
    public static void Enter(string place) => Place.Value = place;

    [Conditional("DEBUG")]
    public static void Reach(string point) => Reach(Place.Value ?? "host", point);

    [Conditional("DEBUG")]
    public static void ReachEach(IEnumerable<string> places, string point)
    {
        foreach (var place in places)
        {
            Reach(place, point);
        }
    }

    [Conditional("DEBUG")]
    public static void Reach(string place, string point)
    {
        if (
            Wanted is { } wanted
            && wanted.Name.Equals($"{place}/{point}", StringComparison.Ordinal)
            && Interlocked.Increment(ref _reached) == wanted.Times
        )
        {
            Process.GetCurrentProcess().Kill();
            // The signal takes its moment; nothing may happen in it.
            Thread.Sleep(Timeout.Infinite);
        }
    }

    internal static (string Name, int Times)? Read(string? wanted) =>
        wanted?.Split('/') switch
        {
            [var place, var point] => ($"{place}/{point}", 1),
            [var place, var point, var times] when int.TryParse(times, out var n) => ($"{place}/{point}", n),
            _ => null,
        };
}
