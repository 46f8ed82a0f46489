using System.Diagnostics;

namespace Tenet.Kernel.Postgres;

/// <summary>
/// The operating system's account that PostgreSQL's programs run under: the caller's own, or, because PostgreSQL refuses to run as
/// root, the distribution's <c>postgres</c> account when the caller is root.
/// </summary>
internal sealed class ServerAccount
{
    private const string Name = "postgres";
    private readonly string[] _become;

    private ServerAccount(string[] become) => _become = become;

    public bool IsOther => _become.Length > 0;

    /// <exception cref="PrivateClusterException">The caller is root and cannot become the postgres account.</exception>
    public static ServerAccount ForCaller()
    {
        if (!Environment.IsPrivilegedProcess)
            return new([]);
        if (!File.ReadLines("/etc/passwd").Any(line => line.StartsWith(Name + ":", StringComparison.Ordinal)))
            throw new PrivateClusterException(
                "PostgreSQL does not run as root and there is no postgres account on this machine. "
                    + "Install the distribution's postgresql package, which makes it, or start Tenet as an ordinary user."
            );
        // setpriv replaces itself with the program; runuser stays in between, so it is only the second choice.
        if (Installed("setpriv") is { } setpriv)
            return new([setpriv, $"--reuid={Name}", $"--regid={Name}", "--init-groups", "--"]);
        if (Installed("runuser") is { } runuser)
            return new([runuser, "-u", Name, "--"]);
        throw new PrivateClusterException(
            "PostgreSQL does not run as root, and neither setpriv nor runuser (package util-linux) is there to run it as the postgres account. "
                + "Install util-linux or start Tenet as an ordinary user."
        );
    }

    /// <summary>Runs a program to its end as this account.</summary>
    public async Task<(int ExitCode, string Output)> RunAsync(string folder, string program, string[] arguments, CancellationToken ct)
    {
        string[] line = [.. _become, program, .. arguments];
        var start = new ProcessStartInfo(line[0], line[1..])
        {
            WorkingDirectory = folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        // The caller's PGDATA, PGHOST and the like are about another server.
        foreach (var name in start.Environment.Keys.Where(name => name.StartsWith("PG", StringComparison.Ordinal)).ToList())
            start.Environment.Remove(name);
        start.Environment["LC_ALL"] = "C.UTF-8";
        if (IsOther)
            start.Environment["HOME"] = folder;
        using var process = Process.Start(start) ?? throw new PrivateClusterException($"{program} could not be started.");
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync(ct);
        var errors = process.StandardError.ReadToEndAsync(ct);
        await process.WaitForExitAsync(ct);
        return (process.ExitCode, (await output + await errors).Trim());
    }

    /// <summary>Makes a folder that only this account (and root) can enter.</summary>
    public async Task OwnFolderAsync(string folder, CancellationToken ct)
    {
        if (!Directory.Exists(folder))
            Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        await OwnAsync(folder, ct);
    }

    /// <summary>Hands a file or folder that the caller made to this account.</summary>
    public async Task OwnAsync(string path, CancellationToken ct)
    {
        if (!IsOther)
            return;
        using var process = Process.Start("chown", ["--no-dereference", $"{Name}:", path]);
        await process.WaitForExitAsync(ct);
        if (process.ExitCode != 0)
            throw new PrivateClusterException($"{path} could not be given to the {Name} account (chown failed).");
    }

    /// <summary>Whether this account can enter the folder: root's home, for one, is closed to it.</summary>
    public async Task<bool> CanEnterAsync(string folder, CancellationToken ct) =>
        !IsOther || (await RunAsync("/", "test", ["-x", folder], ct)).ExitCode == 0;

    private static string? Installed(string program) =>
        new[] { "/usr/bin", "/usr/sbin", "/bin", "/sbin" }.Select(folder => Path.Combine(folder, program)).FirstOrDefault(File.Exists);
}
