using System.CommandLine;
using Tenet.Kernel.Workspaces;
using Tenet.Odoo.Switches;

namespace Tenet.Commands;

/// <summary><c>tenet copilot stop</c> and <c>start</c>: the operator's kill switch for the copilot in customers' Odoos.</summary>
internal static class CopilotCommand
{
    private static readonly Option<string?> Workspace = new("--workspace")
    {
        Description = "The workspace's short name; without it all workspaces",
        HelpName = "NAME",
    };

    public static Command Create() =>
        new("copilot", "Switch the copilot for Odoo off and on")
        {
            Switch("stop", "End all answers that run, and let none begin. Nothing is written in any Odoo from now on", halt: true),
            Switch("start", "Let the copilot answer again, where the workspace's admin has it on", halt: false),
        };

    private static Command Switch(string name, string says, bool halt)
    {
        var command = new Command(name, says) { Workspace, Installation.Data };
        command.SetAction(
            async (parsed, ct) =>
            {
                var count = await Installation.WithServicesAsync(
                    parsed,
                    halt ? "Stopping" : "Starting",
                    async (_, services, _) =>
                    {
                        List<Workspace> workspaces = parsed.GetValue(Workspace) is { } slug
                            ? [await services.WorkspaceNamedAsync(slug, ct)]
                            : await services.GetRequiredService<WorkspaceDirectory>().ListAsync(ct);
                        foreach (var workspace in workspaces)
                        {
                            await services.GetRequiredService<CopilotHalt>().RunAsync(workspace.Id, halt, ct);
                        }
                        return workspaces.Count;
                    },
                    ct
                );
                Console.WriteLine(
                    halt
                        ? $"Stopped in {count} workspaces. Those that are opened later are not: Copilot__Off=true keeps it off in all."
                        : $"Started in {count} workspaces."
                );
            }
        );
        return command;
    }
}
