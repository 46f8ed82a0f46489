using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Tenet.Kernel.Audit;
using Tenet.Kernel.Audit.Checkpoints;
using Tenet.Kernel.Jobs;
using Tenet.Kernel.Policies;
using Tenet.Kernel.Workspaces;
using Tenet.Tests.Support;

namespace Tenet.Tests.Kernel.Audit;

/// <summary>A workspace whose trail a test writes, signs, breaks and verifies.</summary>
internal sealed class AuditLab(TestHost host, Workspace workspace, CancellationToken ct)
{
    public static async Task<AuditLab> OpenAsync(TestHost host, CancellationToken ct) => new(host, await host.OpenWorkspaceAsync(), ct);

    public Guid Id => workspace.Id;
    public CheckpointKeys Keys => host.Services.GetRequiredService<CheckpointKeys>();

    public Task<CheckpointKey> KeyAsync() => Keys.OfAsync(Id, ct);

    public CheckpointStore Store => host.Services.GetRequiredService<CheckpointStore>();

    /// <summary>Entries with ids of their own, each with details.</summary>
    public async Task WriteAsync(int count, string action = "test.done")
    {
        await host.Door.BatchAsync(
            Id,
            Actor.Member(Id),
            batch =>
            {
                for (var n = 0; n < count; n++)
                {
                    batch.Audit(action, "test", Guid.CreateVersion7(), new { n });
                }
            },
            ct
        );
    }

    public Task SequenceAsync() => host.Services.GetRequiredService<AuditSequencer>().SequenceAsync(Id, ct);

    public Task<SignedCheckpoint?> PublishAsync() => host.Services.GetRequiredService<CheckpointPublisher>().PublishAsync(Id, ct);

    public Task<SignedCheckpoint?> PublishAsync(CheckpointStore store) =>
        new CheckpointPublisher(host.Door, store, Keys, NullLogger<CheckpointPublisher>.Instance).PublishAsync(Id, ct);

    public async Task WriteAndPublishAsync(int count)
    {
        await WriteAsync(count);
        await SequenceAsync();
        await PublishAsync();
    }

    /// <summary>As the job does it, as if that many days had passed.</summary>
    /// <param name="keep">Instead of what the policy says.</param>
    public async Task PurgeAsync(int daysLater, Period? keep = null)
    {
        var time = new ShiftedTime();
        time.Advance(TimeSpan.FromDays(daysLater));
        var door = ActivatorUtilities.CreateInstance<WorkspaceScope>(host.Services, time);
        if (keep is { } other)
        {
            await door.RunAsync(Id, Actor.System, ctx => PurgeAudit.PurgeAsync(ctx, other, ct), ct);
            return;
        }
        await new PurgeAudit(door, host.Services.GetRequiredService<PolicySettings>()).RunAsync(new JobRun(Id, Id, Id, 1), ct);
    }

    public Task<AuditReport> VerifyAsync(CheckpointStore? from = null) =>
        host.Services.GetRequiredService<VerifyAudit>().RunAsync(Id, from, null, ct);

    public async Task<List<SignedCheckpoint>> CheckpointsAsync()
    {
        var checkpoints = new List<SignedCheckpoint>();
        await foreach (var note in Store.ListAsync(Id, ct))
        {
            checkpoints.Add((await KeyAsync()).Open(note));
        }
        return checkpoints;
    }

    public Task<(List<AuditRow> Rows, AuditSurroundings Around)> ReadAsync() =>
        host.Door.RunAsync(
            Id,
            Actor.System,
            async ctx =>
            {
                var around = await AuditSurroundings.ReadAsync(ctx, ct);
                var rows = new List<AuditRow>();
                await foreach (var row in AuditRow.StreamAsync(ctx, long.MaxValue, ct))
                {
                    rows.Add(row);
                }
                return (rows, around);
            },
            ct
        );

    public Task<AuditHead?> HeadAsync() => host.Door.RunAsync(Id, Actor.System, ctx => AuditHead.FindAsync(ctx, ct), ct);

    public Task<T> RunAsync<T>(Func<WorkspaceContext, Task<T>> work) => host.Door.RunAsync(Id, Actor.System, work, ct);

    /// <summary>As the database's owner, past every constraint and policy. <c>$w</c> is the workspace.</summary>
    public Task BreakAsync(string sql) =>
        host.AsOwnerAsync<object>(
            "set session_replication_role = replica; "
                + sql.Replace("$w", $"'{Id}'", StringComparison.Ordinal)
                + "; set session_replication_role = origin"
        );
}
