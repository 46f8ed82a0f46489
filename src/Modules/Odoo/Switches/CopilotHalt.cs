using Tenet.Kernel.Workspaces;

namespace Tenet.Odoo.Switches;

/// <summary>The operator's kill switch. A tenant's admin cannot lift it.</summary>
public sealed class CopilotHalt
{
    private readonly WorkspaceScope _door;

    internal CopilotHalt(WorkspaceScope door) => _door = door;

    /// <summary>Ends the answers that run in the workspace, on every node within two seconds, and lets none begin; or lets them begin again.</summary>
    public Task RunAsync(Guid workspaceId, bool halt, CancellationToken ct) =>
        _door.RunAsync(workspaceId, Actor.Operator, ctx => SetSwitches.HaltAsync(ctx, halt, ct), ct);
}
