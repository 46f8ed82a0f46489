namespace Tenet.Odoo;

/// <summary>What the operator sets for the whole installation, under <c>Copilot</c>.</summary>
/// <param name="Off">Nobody asks anything, whatever the workspaces say: read when a node starts. <c>tenet copilot stop</c> works at once.</param>
public sealed record CopilotOptions(bool Off = false);
