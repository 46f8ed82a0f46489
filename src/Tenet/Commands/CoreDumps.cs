using System.Runtime.InteropServices;

namespace Tenet.Commands;

/// <summary>
/// What passes through memory is not written to a disk when a process dies: this one and those that it starts, such as PostgreSQL, leave no core
/// dump, whatever the machine allows.
/// </summary>
internal static class CoreDumps
{
    private const int Core = 4; // RLIMIT_CORE on Linux
    private const int Dumpable = 4; // PR_SET_DUMPABLE

    // The runtime's own dumps obey no limit of the system.
    private static readonly string[] OfTheRuntime = ["DOTNET_DbgEnableMiniDump", "COMPlus_DbgEnableMiniDump"];

    public static void Forbid()
    {
        if (OfTheRuntime.FirstOrDefault(name => Environment.GetEnvironmentVariable(name) is "1") is { } asked)
        {
            throw new InvalidOperationException(
                $"{asked} is set: if Tenet crashed, its whole memory would be written to a disk, with what people asked. Unset it."
            );
        }
        var none = new Limit();
        // The limit binds files, also those of PostgreSQL; where the system hands cores to a program instead, only the mark on this process does.
        if (SetLimit(Core, in none) != 0 || Control(Dumpable, 0, 0, 0, 0) != 0)
        {
            throw new InvalidOperationException("Core dumps could not be switched off. Start Tenet with: ulimit -c 0");
        }
    }

    [DllImport("libc", EntryPoint = "prctl", ExactSpelling = true), DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Control(int option, nuint value, nuint second, nuint third, nuint fourth);

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
