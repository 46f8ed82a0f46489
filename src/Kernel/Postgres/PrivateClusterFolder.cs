using System.Globalization;

namespace Tenet.Kernel.Postgres;

/// <summary>
/// Where the private cluster lives: <c>DIR/postgres</c> with <c>data</c>, <c>socket</c>, <c>log</c>, the configuration and the
/// password. When root runs Tenet inside a folder that the postgres account cannot enter, a folder under <c>/var/lib/tenet</c>
/// takes its place and <c>DIR/postgres.location</c> says which.
/// </summary>
internal sealed class PrivateClusterFolder
{
    // A socket's path has at most 107 bytes, and the server's file "/.s.PGSQL.5432" is part of it.
    private const int LongestSocketFolder = 107 - 14;
    private const UnixFileMode Owner = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private const UnixFileMode Passable = Owner | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    private PrivateClusterFolder(string root, string socket) => (Root, Socket) = (root, socket);

    public string Root { get; }
    public string Socket { get; }
    public string SocketFile => Path.Combine(Socket, $".s.PGSQL.{PrivateCluster.Port}");
    public string Data => Path.Combine(Root, "data");
    public string UnfinishedData => Path.Combine(Root, "data.unfinished");
    public string Log => Path.Combine(Root, "log", "postgres.log");
    public string Configuration => Path.Combine(Root, "postgresql.conf");
    public string HostAccess => Path.Combine(Root, "pg_hba.conf");
    public string Password => Path.Combine(Root, "password");
    public string PidFile => Path.Combine(Data, "postmaster.pid");

    /// <summary>The major version that made the data directory, or null when there is none yet.</summary>
    public int? DataMajor
    {
        get
        {
            var file = Path.Combine(Data, "PG_VERSION");
            return File.Exists(file) ? int.Parse(File.ReadAllText(file).Trim(), CultureInfo.InvariantCulture) : null;
        }
    }

    public static async Task<PrivateClusterFolder> OpenAsync(string directory, ServerAccount account, CancellationToken ct)
    {
        var chosen = await RootAsync(directory, account, ct);
        // Without links, as the kernel shows the server's working directory.
        var (_, root) = await account.RunAsync(chosen, "realpath", ["."], ct);
        // pg_ctl puts this path into a shell line between double quotes.
        if (root.AsSpan().IndexOfAny("\"$`\\\n'") >= 0)
            throw new PrivateClusterException($"PostgreSQL cannot live in {root}: choose a folder without quotes, $, ` or \\ in its path.");
        await account.OwnFolderAsync(Path.Combine(root, "log"), ct);
        return new(root, await SocketAsync(root, account, ct));
    }

    private static async Task<string> RootAsync(string directory, ServerAccount account, CancellationToken ct)
    {
        var moved = Path.Combine(directory, "postgres.location");
        if (File.Exists(moved))
            return Make((await File.ReadAllTextAsync(moved, ct)).Trim());
        var root = Make(Path.Combine(directory, "postgres"));
        if (await account.CanEnterAsync(root, ct))
            return root;
        Directory.Delete(root);
        Make("/var/lib/tenet");
        root = Make(Path.Combine("/var/lib/tenet", Secrets.Token(12)));
        await File.WriteAllTextAsync(moved, root + "\n", ct);
        return root;

        static string Make(string folder)
        {
            if (!Directory.Exists(folder))
                Directory.CreateDirectory(folder, Passable);
            return folder;
        }
    }

    private static async Task<string> SocketAsync(string root, ServerAccount account, CancellationToken ct)
    {
        var socket = Path.Combine(root, "socket");
        if (System.Text.Encoding.UTF8.GetByteCount(socket) > LongestSocketFolder)
        {
            // A name nobody can guess, remembered: nobody can lay a folder of their own in its place.
            var remembered = Path.Combine(root, "socket.location");
            socket = File.Exists(remembered) ? (await File.ReadAllTextAsync(remembered, ct)).Trim() : "";
            if (!Directory.Exists(socket))
            {
                socket = Directory.CreateTempSubdirectory("tenet-").FullName;
                await File.WriteAllTextAsync(remembered, socket + "\n", ct);
            }
        }
        await account.OwnFolderAsync(socket, ct);
        return socket;
    }
}
