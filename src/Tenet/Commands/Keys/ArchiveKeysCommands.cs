using System.CommandLine;
using Tenet.Kernel;
using Tenet.Kernel.Vault;

namespace Tenet.Commands.Keys;

/// <summary><c>tenet keys export FILE</c>: the wrapped keys, apart from the archives of the data.</summary>
internal static class ExportKeysCommand
{
    private static readonly Argument<string> File = new("FILE") { Description = "Written anew; only the master key opens what is in it" };

    public static Command Create()
    {
        var command = new Command("export", "Write the wrapped keys to a file, to be kept apart from the data and from the master key")
        {
            File,
            Installation.Data,
        };
        command.SetAction(
            async (parsed, ct) =>
            {
                var path = Path.GetFullPath(parsed.GetRequiredValue(File));
                var count = await Installation.WithServicesAsync(
                    parsed,
                    "Writing the keys",
                    (_, services, _) => services.GetRequiredService<KeyArchive>().ExportAsync(path, ct),
                    ct
                );
                Console.WriteLine($"Wrote {count} keys to {path}.");
            }
        );
        return command;
    }
}

/// <summary><c>tenet keys import FILE</c>: into a database that was restored without its keys.</summary>
internal static class ImportKeysCommand
{
    private static readonly Argument<FileInfo> File = new Argument<FileInfo>("FILE")
    {
        Description = "Made by tenet keys export",
    }.AcceptExistingOnly();

    public static Command Create()
    {
        var command = new Command(
            "import",
            "Add the keys of a file that this database does not have; what is known as destroyed stays destroyed"
        )
        {
            File,
            Installation.Data,
        };
        command.SetAction(
            async (parsed, ct) =>
            {
                var path = parsed.GetRequiredValue(File).FullName;
                var options = TenetOptions.FromConfiguration(parsed.GetRequiredValue(Installation.Data));
                var (added, leftOut) = await TenetCommands.WithStatusAsync(
                    "Opening the database",
                    async progress =>
                    {
                        await using var installation = await Installation.JoinAsync(options, progress, ct);
                        await using var app = TenetHost.Build([], installation.Options with { Background = false });
                        var archive = app.Services.GetRequiredService<KeyArchive>();
                        // The root keys first: without them the services do not open.
                        await archive.ImportRootsAsync(path, ct);
                        await app.Services.PrepareAsync(ct);
                        return await archive.ImportAsync(path, ct);
                    }
                );
                Console.WriteLine($"Imported {added} keys." + (leftOut > 0 ? $" Left out {leftOut} of workspaces that are not here." : ""));
            }
        );
        return command;
    }
}
