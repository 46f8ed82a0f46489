using Microsoft.Extensions.DependencyInjection;
using Tenet.Kernel;
using Tenet.Kernel.Audit;
using Tenet.Kernel.Audit.Checkpoints;
using Tenet.Kernel.Blobs;
using Tenet.Kernel.Http.Once;
using Tenet.Kernel.Policies;
using Tenet.Kernel.Vault;
using Tenet.Kernel.Workspaces;
using Tenet.Tests.Support;

namespace Tenet.Tests.Crash;

/// <summary>Entries that a checkpoint outside the database has to cover.</summary>
internal sealed class Checkpoints() : JobScenario(PublishCheckpoint.Kind)
{
    private long _size;

    public override async Task AskAsync(CrashRig rig)
    {
        await rig.RunAsync(ctx => ctx.Audit("test.done", "test", Guid.CreateVersion7()));
        // The sequencer asks for the checkpoint.
        await rig.Setup.Services.GetRequiredService<AuditSequencer>().SequenceAsync(rig.Workspace.Id, CancellationToken.None);
        // The second node's sequencer may have been quicker, and may not have said so yet.
        await rig.Setup.WaitUntilAsync(
            "select exists (select from kernel.job where workspace_id = $1 and kind = 'audit.checkpoint')",
            rig.Workspace.Id
        );
        _size = await rig.CountAsync("select size from audit.head where workspace_id = $1");
        await rig.PassTimeAsync();
    }

    public override async Task CompareAsync(CrashRig rig, Differences found)
    {
        var report = await rig
            .Setup.Services.GetRequiredService<VerifyAudit>()
            .RunAsync(rig.Workspace.Id, null, null, CancellationToken.None);
        found.Expect("the audit trail", "", string.Join(" ", report.Findings));
        found.Expect("a checkpoint covers what was asked for", true, report.Newest?.Size >= _size);
    }
}

/// <summary>Workspaces with entries that are older than the trail is kept.</summary>
internal sealed class AuditPurge() : JobScenario(PurgeAudit.Kind)
{
    private readonly List<Guid> _workspaces = [];

    public override async Task AskAsync(CrashRig rig)
    {
        var long_ago = new ShiftedTime();
        long_ago.Advance(TimeSpan.FromDays(-400));
        var workspace = await rig.Setup.OpenWorkspaceAsync();
        await ActivatorUtilities
            .CreateInstance<WorkspaceScope>(rig.Setup.Services, long_ago)
            .BatchAsync(
                workspace.Id,
                Actor.System,
                batch =>
                {
                    batch.Audit("test.done", "test", Guid.CreateVersion7());
                    batch.Audit("test.done", "test", Guid.CreateVersion7());
                },
                CancellationToken.None
            );
        await rig.Setup.Services.GetRequiredService<AuditSequencer>().SequenceAsync(workspace.Id, CancellationToken.None);
        await rig.EnqueueAsync(Kind, workspace.Id, workspace.Id);
        _workspaces.Add(workspace.Id);
    }

    public override async Task CompareAsync(CrashRig rig, Differences found)
    {
        foreach (var workspace in _workspaces)
        {
            var entries = await rig.Setup.AsOwnerAsync<string>(
                """
                select concat_ws(' ', count(*) filter (where action = 'test.done'), count(*) filter (where action = 'audit.purged'))
                  from audit.entry where workspace_id = $1
                """,
                workspace
            );
            found.Expect("old entries, and purges of a trail", "0 1", entries);
            var report = await rig.Setup.Services.GetRequiredService<VerifyAudit>().RunAsync(workspace, null, null, CancellationToken.None);
            found.Expect("a purged trail", "", string.Join(" ", report.Findings));
        }
    }
}

/// <summary>Files that nobody took over, and files that somebody did.</summary>
internal sealed class SweptBlobs() : JobScenario(SweepWorkspace.Kind)
{
    private readonly List<Guid> _left = [];
    private readonly List<Guid> _kept = [];

    public override async Task AskAsync(CrashRig rig)
    {
        _left.Add(await WriteAsync(rig));
        var kept = await WriteAsync(rig);
        await rig.Setup.Door.RunAsync(
            rig.Workspace.Id,
            Actor.System,
            ctx => BlobStore.KeepAsync(ctx, kept, CancellationToken.None),
            CancellationToken.None
        );
        _kept.Add(kept);
        await rig.Setup.AsOwnerAsync<object>("update kernel.blob set created_at = created_at - interval '2 days'");
        await rig.EnqueueAsync(Kind, rig.Workspace.Id);
    }

    public override async Task CompareAsync(CrashRig rig, Differences found)
    {
        await found.ExpectAsync(
            "files that nobody took over",
            0L,
            rig.Setup.AsOwnerAsync<long>("select count(*) from kernel.blob where id = any($1)", _left.ToArray())
        );
        foreach (var id in _kept)
        {
            await rig.Setup.Services.GetRequiredService<BlobStore>().VerifyAsync(rig.Workspace.Id, id, CancellationToken.None);
        }
    }

    internal static Task<Guid> WriteAsync(CrashRig rig) =>
        rig
            .Setup.Services.GetRequiredService<BlobStore>()
            .WriteAsync(rig.Workspace.Id, Actor.System, new MemoryStream(Secrets.Bytes(1000)), 10_000, null, CancellationToken.None);
}

/// <summary>Saved answers of requests whose day is over, and one of today.</summary>
internal sealed class ForgottenAnswers() : JobScenario(ForgetAnswers.Kind)
{
    private int _today;

    public override async Task AskAsync(CrashRig rig)
    {
        await rig.Setup.AsOwnerAsync<object>(
            """
            insert into kernel.saved_answer (workspace_id, id, fingerprint, status, answer, expires_at)
            select $1, gen_random_uuid(), '', 200, '', now() + age from (values (interval '-1 day'), ('1 day')) as ages (age)
            """,
            rig.Workspace.Id
        );
        _today++;
        await rig.EnqueueAsync(Kind, rig.Workspace.Id);
    }

    public override async Task CompareAsync(CrashRig rig, Differences found)
    {
        await found.ExpectAsync(
            "saved answers, and those of yesterday",
            $"{_today} 0",
            rig.Setup.AsOwnerAsync<string>(
                "select concat_ws(' ', count(*), count(*) filter (where expires_at < now())) from kernel.saved_answer where workspace_id = $1",
                rig.Workspace.Id
            )
        );
    }
}

internal sealed class Probes() : JobScenario(ProbeWorkspace.Kind)
{
    private bool _asked;

    public override async Task AskAsync(CrashRig rig)
    {
        _asked = true;
        // As if every look were due again.
        await rig.Setup.AsOwnerAsync<object>("update kernel.promise_state set probed_at = probed_at - interval '10 days'");
        await rig.EnqueueAsync(Kind, rig.Workspace.Id);
    }

    public override async Task CompareAsync(CrashRig rig, Differences found)
    {
        if (_asked)
        {
            found.Expect(
                "looks at promises that are missing",
                0L,
                await rig.CountAsync(
                    "select count(*) from kernel.promise_state where workspace_id = $1 and probed_at < now() - interval '1 day'"
                )
            );
            found.Expect("looks", true, await rig.CountAsync("select count(*) from kernel.promise_state where workspace_id = $1") > 0);
        }
    }
}

/// <summary>A workspace's key is rotated while values lie sealed under it.</summary>
internal sealed class Resealing() : JobScenario(ResealWorkspace.Kind)
{
    private readonly List<Guid> _sealed = [];

    public override async Task AskAsync(CrashRig rig)
    {
        var id = await SweptBlobs.WriteAsync(rig);
        await rig.Setup.Door.RunAsync(
            rig.Workspace.Id,
            Actor.System,
            async ctx =>
            {
                await BlobStore.KeepAsync(ctx, id, CancellationToken.None);
                await rig.Setup.Services.GetRequiredService<WorkspaceKeys>().BeginRotationAsync(ctx, CancellationToken.None);
            },
            CancellationToken.None
        );
        _sealed.Add(id);
        await rig.PassTimeAsync();
    }

    public override async Task CompareAsync(CrashRig rig, Differences found)
    {
        if (_sealed.Count > 0)
        {
            found.Expect(
                "keys that are not destroyed",
                1L,
                await rig.CountAsync("select count(*) from vault.workspace_key where workspace_id = $1 and destroyed_at is null")
            );
        }
        foreach (var id in _sealed)
        {
            await rig.Setup.Services.GetRequiredService<BlobStore>().VerifyAsync(rig.Workspace.Id, id, CancellationToken.None);
        }
    }
}
