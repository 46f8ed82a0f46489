using System.CommandLine;
using Tenet.Kernel.Vault;

namespace Tenet.Commands.Keys;

/// <summary><c>tenet keys status</c>: which master key, and how far rotations are.</summary>
internal static class StatusOfKeysCommand
{
    public static Command Create()
    {
        var command = new Command("status", "Show which master key opens this installation, and how far rotations are")
        {
            Installation.Data,
        };
        command.SetAction(
            async (parsed, ct) =>
            {
                var lines = await Installation.WithServicesAsync(
                    parsed,
                    "Looking at the keys",
                    async (options, services, _) =>
                    {
                        var status = services.GetRequiredService<KeyStatus>();
                        var master = await status.MasterAsync(ct);
                        var lines = new List<string>
                        {
                            $"Master key   {options.MasterKey} ({string.Join(" and ", master.Masters)})",
                            $"Root key     version {master.Root}",
                            master.UnderWay
                                ? $"Rotation     of the master key is under way: {master.Moved} of {master.Total} workspaces are under version {master.Root}. "
                                    + "Start it again to go on: tenet keys rotate master"
                                : "Rotation     of the master key: none under way",
                        };
                        foreach (var workspace in await KeysCommand.WorkspacesAsync(services, null, ct))
                        {
                            if (await KeysCommand.InAsync(services, workspace.Id, ctx => status.RotationAsync(ctx, ct), ct) is { } rotation)
                                lines.Add(
                                    $"Rotation     of {workspace.Slug} to version {rotation.Version} is under way: {rotation.Left} values are left. "
                                        + $"A running Tenet goes on with it, or: tenet keys rotate workspace {workspace.Slug}"
                                );
                        }
                        return lines;
                    },
                    ct
                );
                lines.ForEach(Console.WriteLine);
            }
        );
        return command;
    }
}
