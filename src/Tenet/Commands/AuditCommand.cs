using System.CommandLine;
using System.Globalization;
using Tenet.Kernel.Audit;
using Tenet.Kernel.Audit.Checkpoints;
using Tenet.Kernel.Workspaces;

namespace Tenet.Commands;

/// <summary><c>tenet audit</c>: verify a trail, or a file of one; export it; print the key; sign a checkpoint now.</summary>
internal static class AuditCommand
{
    private static readonly Option<string?> Workspace = new("--workspace")
    {
        Description = "The workspace's short name; without it all workspaces",
        HelpName = "NAME",
    };

    private static readonly Option<string> OneWorkspace = new("--workspace")
    {
        Description = "The workspace's short name",
        HelpName = "NAME",
        DefaultValueFactory = _ => "demo",
    };

    public static Command Create() => new("audit", "Prove that the audit trail is what it was") { Verify(), Export(), Key(), PublishNow() };

    private static Command Verify()
    {
        var file = new Argument<FileInfo?>("FILE")
        {
            Description = "An exported trail (JSON lines): verified without a database. Without it the trails in the database are",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var key = new Option<string?>("--key")
        {
            Description = "For FILE: the key to believe, as tenet audit key prints it",
            HelpName = "KEY",
        };
        var checkpoints = new Option<DirectoryInfo?>("--checkpoints")
        {
            Description = "A copy of the checkpoints that was kept elsewhere, instead of the configured place",
            HelpName = "DIR",
        };
        var command = new Command("verify", "Verify trails against their checkpoints, or one exported file")
        {
            file,
            key,
            Workspace,
            checkpoints,
            Installation.Data,
        };
        command.SetAction(
            (parsed, ct) =>
                parsed.GetValue(file) is { } given
                    ? VerifyFileAsync(given, parsed.GetValue(key), ct)
                    : VerifyTrailsAsync(parsed, parsed.GetValue(checkpoints), ct)
        );
        return command;
    }

    private static Command Export()
    {
        var file = new Argument<FileInfo>("FILE")
        {
            Description = "Where to write: FILE.csv for a spreadsheet, else JSON lines with proofs",
        };
        var entry = new Option<Guid?>("--entry") { Description = "Only this entry, with its proof", HelpName = "ID" };
        var command = new Command("export", "Write a workspace's trail to a file") { file, entry, OneWorkspace, Installation.Data };
        command.SetAction(
            (parsed, ct) =>
                OnWorkspaceAsync(
                    parsed,
                    async (services, workspace) =>
                    {
                        var target = parsed.GetRequiredValue(file);
                        var isCsv = target.Extension.Equals(".csv", StringComparison.OrdinalIgnoreCase);
                        await using var output = target.Create();
                        await services
                            .GetRequiredService<AuditExport>()
                            .WriteAsync(
                                workspace.Id,
                                Actor.Operator,
                                new AuditFilter { EntryId = parsed.GetValue(entry) },
                                isCsv ? AuditExportFormat.Csv : AuditExportFormat.JsonLines,
                                output,
                                ct
                            );
                        return $"Written to {target}.";
                    },
                    ct
                )
        );
        return command;
    }

    private static Command Key()
    {
        var command = new Command("key", "Print the key that verifies a workspace's checkpoints") { OneWorkspace, Installation.Data };
        command.SetAction(
            (parsed, ct) =>
                OnWorkspaceAsync(
                    parsed,
                    async (services, workspace) =>
                        (await services.GetRequiredService<CheckpointKeys>().OfAsync(workspace.Id, ct)).ToString(),
                    ct
                )
        );
        return command;
    }

    private static Command PublishNow()
    {
        var command = new Command("checkpoint", "Sign and put out a checkpoint now, such as before a backup")
        {
            OneWorkspace,
            Installation.Data,
        };
        command.SetAction(
            (parsed, ct) =>
                OnWorkspaceAsync(
                    parsed,
                    async (services, workspace) =>
                    {
                        var published = await services.GetRequiredService<CheckpointPublisher>().PublishAsync(workspace.Id, ct);
                        return published?.Note.TrimEnd()
                            ?? throw new InvalidOperationException(
                                "There is nothing to sign: the trail is empty, or it is not the one that was signed before. Run: tenet audit verify"
                            );
                    },
                    ct
                )
        );
        return command;
    }

    private static async Task<int> VerifyFileAsync(FileInfo file, string? key, CancellationToken ct)
    {
        if (!file.Exists)
            throw new InvalidOperationException($"There is no file {file}.");
        try
        {
            using var reader = file.OpenText();
            return AuditWords.Print(file.Name, await AuditFile.VerifyAsync(reader, key, ct)) ? 0 : 1;
        }
        catch (FormatException e)
        {
            throw new InvalidOperationException(e.Message, e);
        }
    }

    private static async Task<int> VerifyTrailsAsync(ParseResult parsed, DirectoryInfo? copy, CancellationToken ct)
    {
        if (copy is { Exists: false })
            throw new InvalidOperationException($"There is no folder {copy}.");
        var store = copy is null ? null : new FolderCheckpoints(copy.FullName);
        var reports = await Installation.WithServicesAsync(
            parsed,
            "Verifying",
            async (_, services, progress) =>
            {
                var directory = services.GetRequiredService<WorkspaceDirectory>();
                List<Workspace> workspaces = parsed.GetValue(Workspace) is { } slug
                    ? [await services.WorkspaceNamedAsync(slug, ct)]
                    : await directory.ListAsync(ct);
                var found = new List<(Workspace Workspace, AuditReport Report)>();
                foreach (var workspace in workspaces)
                {
                    var entries = new Progress<long>(n =>
                        progress.Report(string.Create(CultureInfo.InvariantCulture, $"Verifying {workspace.Slug}: {n:N0} entries"))
                    );
                    progress.Report($"Verifying {workspace.Slug}");
                    found.Add((workspace, await services.GetRequiredService<VerifyAudit>().RunAsync(workspace.Id, store, entries, ct)));
                }
                return found;
            },
            ct
        );
        var hold = true;
        foreach (var (workspace, report) in reports)
            hold &= AuditWords.Print(workspace.Slug, report);
        return hold ? 0 : 1;
    }

    private static async Task<int> OnWorkspaceAsync(
        ParseResult parsed,
        Func<IServiceProvider, Workspace, Task<string>> work,
        CancellationToken ct
    )
    {
        var said = await Installation.WithServicesAsync(
            parsed,
            "Reading the trail",
            async (_, services, _) => await work(services, await services.WorkspaceNamedAsync(parsed.GetRequiredValue(OneWorkspace), ct)),
            ct
        );
        Console.WriteLine(said);
        return 0;
    }
}
