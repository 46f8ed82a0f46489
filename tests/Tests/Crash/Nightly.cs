using System.Globalization;

namespace Tenet.Tests.Crash;

/// <summary>The size of the crash tests. <c>TENET_NIGHTLY=1</c> asks for the whole of it; another number for as many kills at each point.</summary>
internal static class Nightly
{
    private static readonly int Asked = int.TryParse(
        Environment.GetEnvironmentVariable("TENET_NIGHTLY"),
        NumberStyles.None,
        CultureInfo.InvariantCulture,
        out var asked
    )
        ? asked
        : 0;

    public static bool IsOn => Asked > 0;

    /// <summary>How often the host is killed at each point of each kind of job.</summary>
    public static int KillsAtEachPoint =>
        Asked switch
        {
            0 => 1,
            1 => 20,
            _ => Asked,
        };

    public static int RandomKills => Asked == 0 ? 4 : 15 * KillsAtEachPoint;

    public static int PostgresKills => Asked == 0 ? 2 : 5 * KillsAtEachPoint / 2;
}
