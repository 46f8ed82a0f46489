using System.CommandLine;
using Tenet.Kernel.Workspaces;
using Tenet.Privacy.Erasures;

namespace Tenet.Commands;

/// <summary><c>tenet erasures replay</c>: after a backup was restored, before the host serves again.</summary>
internal static class ErasuresCommand
{
    public static Command Create() => new("erasures", "What was erased, and a backup brought back") { Replay() };

    private static Command Replay()
    {
        var command = new Command(
            "replay",
            "Erase again who was erased, and the workspaces that were deleted, after the restored backup was made"
        )
        {
            Installation.Data,
        };
        command.SetAction(
            async (parsed, ct) =>
            {
                var total = await Installation.WithServicesAsync(
                    parsed,
                    "Comparing with the ledger",
                    async (_, services, _) =>
                    {
                        var (begun, refused, deleted) = (0, 0, 0);
                        foreach (var workspace in await services.GetRequiredService<WorkspaceDirectory>().ListAsync(ct))
                        {
                            var replayed = await services.GetRequiredService<ReplayErasures>().RunAsync(workspace.Id, ct);
                            (begun, refused) = (begun + replayed.Begun, refused + replayed.Refused);
                            deleted += replayed.IsDeletedAgain ? 1 : 0;
                        }
                        return (Begun: begun, Refused: refused, Deleted: deleted);
                    },
                    ct
                );
                Console.WriteLine(
                    total.Begun == 0
                        ? "Nobody who was erased is there again."
                        : $"{total.Begun} persons who were erased were there again. A running Tenet erases them within a minute."
                );
                if (total.Deleted > 0)
                {
                    Console.WriteLine($"{total.Deleted} workspaces that were deleted were there again. A running Tenet deletes them.");
                }
                if (total.Refused > 0)
                {
                    Console.WriteLine(
                        $"{total.Refused} are the only owners of a workspace: make somebody else an owner, then run this again."
                    );
                }
                return total.Refused == 0 ? 0 : 1;
            }
        );
        return command;
    }
}
