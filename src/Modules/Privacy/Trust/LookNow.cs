using System.Collections.Concurrent;
using Tenet.Kernel.Http;
using Tenet.Kernel.Policies;
using Tenet.Kernel.Workspaces;

namespace Tenet.Privacy.Trust;

/// <summary>Looks at every promise of a workspace when somebody asks for it, at most once a minute.</summary>
internal sealed class LookNow(WorkspaceScope door, PolicyBook book, Prober prober, TimeProvider time)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMinutes(1);

    // While one looks, which may take longer than the pause.
    private static readonly DateTimeOffset Running = DateTimeOffset.MaxValue;

    private readonly ConcurrentDictionary<Guid, DateTimeOffset> _free = new();

    /// <exception cref="ConflictException">It was looked a moment ago.</exception>
    public async Task RunAsync(Guid workspaceId, Actor actor, CancellationToken ct)
    {
        var now = time.GetUtcNow();
        var free = _free.GetOrAdd(workspaceId, DateTimeOffset.MinValue);
        if (free > now || !_free.TryUpdate(workspaceId, Running, free))
        {
            var again =
                free > now && free < Running ? $"in {(free - now).TotalSeconds:0} seconds" : "when that is done, at most 60 seconds later";
            throw new ConflictException($"The system was looked at a moment ago. Again {again}.");
        }
        try
        {
            await LookAsync(workspaceId, actor, ct);
        }
        finally
        {
            _free[workspaceId] = time.GetUtcNow() + Pause;
        }
    }

    private async Task LookAsync(Guid workspaceId, Actor actor, CancellationToken ct)
    {
        var policy = await book.OfAsync(workspaceId, ct);
        var looks = (await prober.LookAsync(workspaceId, policy, ct))
            .SelectMany(report =>
                report.Claims.Select(
                    (claim, number) => (report.Promise, Number: number, Finding: claim.Finding!, At: claim.ProbedAt!.Value)
                )
            )
            .ToList();
        await door.RunAsync(
            workspaceId,
            actor,
            async ctx =>
            {
                await PromiseLedger.WriteAsync(ctx, looks, ct);
                ctx.Audit("policy.looked", "workspace", workspaceId, new { looks = looks.Count });
                ctx.Publish(PromiseLedger.Topic, workspaceId);
            },
            ct
        );
    }
}
