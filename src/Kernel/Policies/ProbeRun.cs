using Microsoft.Extensions.DependencyInjection;
using Tenet.Kernel.Workspaces;

namespace Tenet.Kernel.Policies;

/// <summary>One look at the running system for one workspace.</summary>
public sealed class ProbeRun(Guid workspaceId, Policy policy, WorkspaceScope door, IServiceProvider services, DateTimeOffset now)
{
    public Guid WorkspaceId { get; } = workspaceId;
    public Policy Policy { get; } = policy;
    public IServiceProvider Services { get; } = services;
    public DateTimeOffset Now { get; } = now;

    /// <summary>Looks at the workspace's rows, through the one door.</summary>
    public Task<T> LookAsync<T>(Func<WorkspaceContext, Task<T>> look, CancellationToken ct) =>
        door.RunAsync(WorkspaceId, Actor.System, look, ct);

    /// <summary>Looks as somebody else would, at what they are shown.</summary>
    public Task<T> LookAsync<T>(Actor actor, Func<WorkspaceContext, Task<T>> look, CancellationToken ct) =>
        door.RunAsync(WorkspaceId, actor, look, ct);

    /// <summary>Looks at directory tables, which belong to no workspace.</summary>
    public Task<T> LookAcrossAsync<T>(Func<SystemContext, Task<T>> look, CancellationToken ct) =>
        Services.GetRequiredService<SystemScope>().RunAsync(look, ct);
}
