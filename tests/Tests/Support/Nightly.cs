namespace Tenet.Tests.Support;

/// <summary>With <c>TENET_NIGHTLY=1</c> the tests that repeat themselves do so as often as they claim in the documents; else a short while.</summary>
internal static class Nightly
{
    public static bool IsOn { get; } = Environment.GetEnvironmentVariable("TENET_NIGHTLY") is "1";

    public static int Times(int shortly, int nightly) => IsOn ? nightly : shortly;
}
