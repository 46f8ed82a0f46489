using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Tenet.Kernel.Blobs;
using Tenet.Kernel.Http;
using Tenet.Kernel.Jobs;
using Tenet.Kernel.Workspaces;
using Tenet.Privacy.Breaches;
using Tenet.Privacy.Certificates;
using Tenet.Privacy.Closings;
using Tenet.Privacy.Exports;
using Tenet.Tests.Support;

namespace Tenet.Tests.Crash;

/// <summary>Workspaces that were closed, and whose time to be reopened is over.</summary>
internal sealed class DeletedWorkspaces() : JobScenario(PurgeWorkspace.Kind)
{
    private readonly List<Guid> _workspaces = [];

    public override async Task AskAsync(CrashRig rig)
    {
        var workspace = (await rig.Setup.OpenWorkspaceAsync()).Id;
        await ErasedPerson.PlantAsync(rig.Setup, workspace);
        await rig.Setup.Door.RunAsync(
            workspace,
            Actor.System,
            ctx => ctx.Services.GetRequiredService<CloseWorkspace>().CloseAsync(ctx, CancellationToken.None),
            CancellationToken.None
        );
        await rig.Setup.AsOwnerAsync<object>(
            "update privacy.closing_part set begins_at = now() - interval '1 minute' where workspace_id = $1",
            workspace
        );
        await rig.Setup.AsOwnerAsync<object>(
            "update privacy.closing set purge_at = now() - interval '1 minute' where workspace_id = $1",
            workspace
        );
        await rig.Setup.AsOwnerAsync<object>("update kernel.job set run_at = now() where workspace_id = $1 and kind = $2", workspace, Kind);
        _workspaces.Add(workspace);
    }

    public override async Task CompareAsync(CrashRig rig, Differences found)
    {
        foreach (var workspace in _workspaces)
        {
            await found.ExpectAsync("a deleted workspace", "inbox.visitor 1 0, inbox.message 3 0, 0 left", WhatAsync(rig, workspace)!);
        }
    }

    private static async Task<string> WhatAsync(CrashRig rig, Guid workspace)
    {
        var text = await rig.Setup.AsOwnerAsync<string>(
            "select certificate from privacy.closing where workspace_id = $1 and state = 'done'",
            workspace
        );
        if (text is null)
        {
            return "not done";
        }
        var stores = DeletionCertificate.Verify(Encoding.UTF8.GetBytes(text)).Stores;
        var said = new[] { "inbox.visitor", "inbox.message" }
            .Select(name => stores.Single(store => store.Store == name))
            .Select(store => $"{store.Store} {store.RowsFound} {store.RowsRemaining}");
        var left = await rig.Setup.AsOwnerAsync<long>(
            "select (select count(*) from inbox.message where workspace_id = $1) + (select count(*) from audit.entry where workspace_id = $1)",
            workspace
        );
        return $"{string.Join(", ", said)}, {left} left";
    }
}

/// <summary>An owner asked for the copy of the workspace.</summary>
internal sealed class WorkspaceCopies() : JobScenario(MakeWorkspaceExport.Kind)
{
    private readonly List<Guid> _exports = [];

    public override async Task AskAsync(CrashRig rig) => _exports.Add(await BeginAsync(rig));

    public override async Task CompareAsync(CrashRig rig, Differences found)
    {
        foreach (var export in _exports)
        {
            await found.ExpectAsync(
                "a copy of the workspace: its state, and how often it was said to be ready",
                "ready 1",
                rig.Setup.AsOwnerAsync<string>(
                    "select concat_ws(' ', state, (select count(*) from audit.entry where subject_id = $1 and action = 'workspace.export_ready')) from privacy.workspace_export where id = $1",
                    export
                )
            );
            if (await BlobAsync(rig, export) is { } blob)
            {
                await rig.Setup.Services.GetRequiredService<BlobStore>().VerifyAsync(rig.Workspace.Id, blob, CancellationToken.None);
            }
        }
    }

    internal static async Task<Guid> BeginAsync(CrashRig rig) =>
        (
            await rig.Setup.Door.RunAsync(
                rig.Workspace.Id,
                Actor.System,
                ctx => ctx.Services.GetRequiredService<BeginWorkspaceExport>().RunAsync(ctx, CancellationToken.None),
                CancellationToken.None
            )
        ).Id;

    internal static Task<Guid?> BlobAsync(CrashRig rig, Guid export) =>
        rig.Setup.AsOwnerAsync<Guid?>("select blob_id from privacy.workspace_export where id = $1", export);
}

/// <summary>Copies of the workspace that nobody fetched until their end.</summary>
internal sealed class ExpiredWorkspaceCopies() : JobScenario(ExpireWorkspaceExport.Kind)
{
    private readonly List<(Guid Export, Guid Blob)> _copies = [];

    public override async Task AskAsync(CrashRig rig)
    {
        var export = await WorkspaceCopies.BeginAsync(rig);
        await using (var scope = rig.Setup.Services.CreateAsyncScope())
        {
            await scope
                .ServiceProvider.GetRequiredService<MakeWorkspaceExport>()
                .RunAsync(new JobRun(rig.Workspace.Id, Guid.CreateVersion7(), export, 1), CancellationToken.None);
        }
        _copies.Add((export, (await WorkspaceCopies.BlobAsync(rig, export))!.Value));
        await rig.Setup.AsOwnerAsync<object>(
            "update privacy.workspace_export set expires_at = now() - interval '1 minute' where id = $1",
            export
        );
        await rig.PassTimeAsync();
    }

    public override async Task CompareAsync(CrashRig rig, Differences found)
    {
        await found.ExpectAsync(
            "copies of the workspace whose time was up, and that are still there",
            0L,
            rig.Setup.AsOwnerAsync<long>("select count(*) from kernel.blob where id = any($1)", _copies.Select(copy => copy.Blob).ToArray())
        );
        await found.ExpectAsync(
            "copies of the workspace that are said to be over",
            (long)_copies.Count,
            rig.Setup.AsOwnerAsync<long>(
                "select count(*) from privacy.workspace_export where id = any($1) and state = 'expired' and blob_id is null",
                _copies.Select(copy => copy.Export).ToArray()
            )
        );
    }
}

/// <summary>Notices of a breach to the people of a workspace, who each get one letter.</summary>
internal sealed class PeopleNotices() : JobScenario(SendPeopleNotice.Kind)
{
    private const int People = 3;
    private readonly List<Guid> _notices = [];

    public override async Task AskAsync(CrashRig rig)
    {
        var opened = await rig.Setup.OpenWorkspaceAsync();
        await rig.Setup.JoinAsync(opened, Access.Owner);
        var workspace = opened.Id;
        await rig.Setup.AsOwnerAsync<object>(
            """
            insert into inbox.visitor (workspace_id, id, email, language, created_at, seen_at)
            select $1, gen_random_uuid(), 'kim' || n || '@example.org', 'en', now(), now() from generate_series(1, $2) n
            """,
            workspace,
            People
        );
        _notices.Add(
            await rig.Setup.Door.RunAsync(
                workspace,
                Actor.System,
                async ctx =>
                {
                    var register = ctx.Services.GetRequiredService<BreachRegister>();
                    var breach = await register.OpenAsync(ctx, new NewBreach("Seen", "Seen.", ["inbox.visitor"]), CancellationToken.None);
                    await register.DescribeAsync(ctx, breach, "Shut.", "Beware.", CancellationToken.None);
                    await register.AdvanceAsync(ctx, breach, null, CancellationToken.None);
                    return await BeginPeopleNotice.RunAsync(ctx, breach, CancellationToken.None);
                },
                CancellationToken.None
            )
        );
        rig.Journal.Letters += People;
    }

    // That each letter was sent, and once, the rig compares for all letters.
    public override async Task CompareAsync(CrashRig rig, Differences found)
    {
        foreach (var notice in _notices)
        {
            await found.ExpectAsync(
                "a notice to people: its state, letters, marks of them, and lines in the history",
                $"done {People} {People} 1",
                rig.Setup.AsOwnerAsync<string>(
                    """
                    select concat_ws(' ', n.state, n.sent, (select count(*) from privacy.notice_recipient r where r.notice_id = n.id and r.sent_at is not null),
                                     (select count(*) from privacy.breach_step s where s.breach_id = n.breach_id and s.kind = 'people'))
                      from privacy.people_notice n where n.id = $1
                    """,
                    notice
                )
            );
        }
    }
}
