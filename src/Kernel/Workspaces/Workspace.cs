using Tenet.Kernel.DataMaps;

namespace Tenet.Kernel.Workspaces;

/// <summary>One customer business: the tenant.</summary>
[Record("kernel.workspace", Purpose.Account, Keep = "kernel.workspaces")]
public sealed record Workspace
{
    [Operational]
    public required Guid Id { get; init; }

    [Operational]
    public required string Name { get; init; }

    /// <summary>Lower-case letters, digits and hyphens; unique in the deployment.</summary>
    [Operational]
    public required string Slug { get; init; }

    /// <summary>BCP 47; decides stemming and the language of letters.</summary>
    [Operational]
    public string Language { get; init; } = "en";

    [Operational]
    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>From then on nobody gets in but an owner, who may reopen it.</summary>
    [Operational]
    public DateTimeOffset? ClosedAt { get; init; }

    /// <summary>From then on its rows are deleted, and it cannot be reopened.</summary>
    [Operational]
    public DateTimeOffset? PurgingAt { get; init; }

    /// <summary>Published when it is closed, reopened, or its deletion begins.</summary>
    public const string ClosedTopic = "kernel.workspace_closed";
}
