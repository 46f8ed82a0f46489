using System.CommandLine;
using System.Globalization;
using Tenet.Kernel.Vault;

namespace Tenet.Commands.Keys;

/// <summary><c>tenet keys rotate workspace</c>: a new version of a workspace's key, everything sealed again, the older version destroyed.</summary>
internal static class RotateWorkspaceKeyCommand
{
    private static readonly Argument<string?> Name = new("NAME")
    {
        Description = "The workspace's short name",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private static readonly Option<bool> All = new("--all") { Description = "Every workspace" };

    public static Command Create()
    {
        var command = new Command("workspace", "Give a workspace a new key, seal its values again, and destroy the older key")
        {
            Name,
            All,
            Installation.Data,
        };
        command.Validators.Add(result =>
        {
            if (result.GetValue(All) == result.GetValue(Name) is not null)
                result.AddError("Name one workspace, or say --all.");
        });
        command.SetAction(
            async (parsed, ct) =>
            {
                var lines = await Installation.WithServicesAsync(
                    parsed,
                    "Rotating",
                    async (_, services, progress) =>
                    {
                        var lines = new List<(string Text, bool Failed)>();
                        foreach (var workspace in await KeysCommand.WorkspacesAsync(services, parsed.GetValue(Name), ct))
                            lines.Add(await RotateAsync(services, workspace, progress, ct));
                        return lines;
                    },
                    ct
                );
                lines.ForEach(line => Console.WriteLine(line.Text));
                return lines.Exists(line => line.Failed) ? 1 : 0;
            }
        );
        return command;
    }

    private static async Task<(string Text, bool Failed)> RotateAsync(
        IServiceProvider services,
        Kernel.Workspaces.Workspace workspace,
        IProgress<string> progress,
        CancellationToken ct
    )
    {
        var keys = services.GetRequiredService<WorkspaceKeys>();
        if (await KeysCommand.InAsync(services, workspace.Id, ctx => keys.BeginRotationAsync(ctx, ct), ct) is null)
            return ($"{workspace.Slug}: nothing to rotate, it has no key", false);
        await using var scope = services.CreateAsyncScope();
        var result = await scope
            .ServiceProvider.GetRequiredService<ResealWorkspace>()
            .RunAsync(workspace.Id, new Telling(workspace.Slug, progress), ct);
        await KeysCommand.InAsync(services, workspace.Id, ctx => keys.EndRotationAsync(ctx, ct), ct);
        return result.Unreadable > 0
            ? (
                $"{workspace.Slug}: {result.Values} values sealed under version {result.Version}; {result.Unreadable} do not open, so the older key "
                    + $"is kept. Find them with: tenet keys verify {workspace.Slug}",
                true
            )
            : (
                $"{workspace.Slug}: {result.Values} values sealed under version {result.Version}"
                    + (result.OlderDestroyedAt is { } at ? $"; the older key was destroyed at {KeysCommand.Time(at)}" : ""),
                false
            );
    }

    private sealed class Telling(string workspace, IProgress<string> to) : IProgress<ResealProgress>
    {
        public void Report(ResealProgress value) =>
            to.Report(
                value.Waiting > 0
                    ? $"{workspace}: waiting for {value.Waiting} open transactions"
                    : string.Create(CultureInfo.InvariantCulture, $"{workspace}: sealed {value.Done:N0} of {value.Total:N0} values again")
            );
    }
}
