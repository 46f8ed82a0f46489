using System.Collections.Concurrent;
using Tenet.Kernel.Http;
using Tenet.Kernel.Policies;
using Tenet.Kernel.Workspaces;

namespace Tenet.Privacy.Trust;

/// <summary>Looks at every promise of a workspace when somebody asks for it, at most once a minute.</summary>
internal sealed class LookNow(WorkspaceScope door, PolicyBook book, Prober prober, TimeProvider time)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<Guid, DateTimeOffset> _looked = new();

    /// <exception cref="ConflictException">It was looked a moment ago.</exception>
    public async Task RunAsync(Guid workspaceId, Actor actor, CancellationToken ct)
    {
        var now = time.GetUtcNow();
        var mine = _looked.AddOrUpdate(workspaceId, now, (_, last) => last + Pause > now ? last : now);
        if (mine != now)
        {
            throw new ConflictException($"The system was looked at a moment ago. Again in {(mine + Pause - now).TotalSeconds:0} seconds.");
        }
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
