using System.Runtime.InteropServices;

namespace Tenet.Commands;

/// <summary>
/// What passes through memory is not written to a disk when a process dies: this one and those that it starts, such as PostgreSQL, leave no core
/// dump, whatever the machine allows.
/// </summary>
internal static class CoreDumps
{
    private const int Core = 4; // RLIMIT_CORE on Linux

    public static void Forbid()
    {
        var none = new Limit();
        if (SetLimit(Core, in none) != 0)
        {
            throw new InvalidOperationException("Core dumps could not be switched off. Start Tenet with: ulimit -c 0");
        }
    }

    [DllImport("libc", EntryPoint = "setrlimit", ExactSpelling = true), DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int SetLimit(int resource, in Limit limit);

    /// <summary>The size in bytes, and how far it may be raised again.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private readonly struct Limit
    {
        public readonly nuint Soft;
        public readonly nuint Hard;
    }
}
