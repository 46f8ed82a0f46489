using Microsoft.Extensions.DependencyInjection;
using Tenet.Kernel.Blobs;
using Tenet.Kernel.Jobs;
using Tenet.Kernel.Workspaces;
using Tenet.Privacy.Erasures;
using Tenet.Privacy.Exports;

namespace Tenet.Tests.Crash;

/// <summary>Persons who asked to be erased, and whose request ends with it and a letter. That each single commit of it may be the last, <see cref="KilledErasureTests"/> shows.</summary>
internal sealed class Erasures() : JobScenario(ErasePerson.Kind)
{
    private readonly List<Guid> _erasures = [];

    public override async Task AskAsync(CrashRig rig)
    {
        _erasures.Add(await ErasedPerson.BeginForRequestAsync(rig.Setup, rig.Workspace.Id, CancellationToken.None));
        rig.Journal.Letters++;
    }

    public override async Task CompareAsync(CrashRig rig, Differences found)
    {
        foreach (var erasure in _erasures)
        {
            await found.ExpectAsync("an erasure", "", ErasedPerson.WrongAsync(rig.Setup, erasure)!);
        }
    }
}

/// <summary>Persons who asked for a copy of their data.</summary>
internal sealed class Copies() : JobScenario(MakePersonExport.Kind)
{
    private readonly List<(Guid Person, Guid Export)> _copies = [];

    public override async Task AskAsync(CrashRig rig) => _copies.Add(await BeginAsync(rig));

    public override async Task CompareAsync(CrashRig rig, Differences found)
    {
        foreach (var (person, export) in _copies)
        {
            await found.ExpectAsync(
                "a copy: its state, the files that are kept of it, and how often it was said to be ready",
                "ready 1 1",
                rig.Setup.AsOwnerAsync<string>(
                    """
                    select concat_ws(' ', state, (select count(*) from kernel.blob where subject_id = $1 and kept_at is not null),
                                     (select count(*) from audit.entry where subject_id = $2 and action = 'export.ready'))
                      from privacy.person_export where id = $2 and persons is null
                    """,
                    person,
                    export
                )
            );
            if (await BlobAsync(rig, export) is { } blob)
            {
                await rig.Setup.Services.GetRequiredService<BlobStore>().VerifyAsync(rig.Workspace.Id, blob, CancellationToken.None);
            }
        }
    }

    internal static async Task<(Guid Person, Guid Export)> BeginAsync(CrashRig rig)
    {
        var person = await ErasedPerson.PlantAsync(rig.Setup, rig.Workspace.Id);
        var (export, _, _) = await rig.Setup.Door.RunAsync(
            rig.Workspace.Id,
            Actor.System,
            ctx => ctx.Services.GetRequiredService<BeginPersonExport>().RunAsync(ctx, [person], CancellationToken.None),
            CancellationToken.None
        );
        return (person, export);
    }

    internal static Task<Guid?> BlobAsync(CrashRig rig, Guid export) =>
        rig.Setup.AsOwnerAsync<Guid?>("select blob_id from privacy.person_export where id = $1", export);
}

/// <summary>Copies that were made, and that nobody fetched until their end.</summary>
internal sealed class ExpiredCopies() : JobScenario(ExpirePersonExport.Kind)
{
    private readonly List<(Guid Export, Guid Blob)> _copies = [];

    public override async Task AskAsync(CrashRig rig)
    {
        var (_, export) = await Copies.BeginAsync(rig);
        await using (var scope = rig.Setup.Services.CreateAsyncScope())
        {
            await scope
                .ServiceProvider.GetRequiredService<MakePersonExport>()
                .RunAsync(new JobRun(rig.Workspace.Id, Guid.CreateVersion7(), export, 1), CancellationToken.None);
        }
        _copies.Add((export, (await Copies.BlobAsync(rig, export))!.Value));
        await rig.Setup.AsOwnerAsync<object>(
            "update privacy.person_export set expires_at = now() - interval '1 minute' where id = $1",
            export
        );
        await rig.PassTimeAsync();
    }

    public override async Task CompareAsync(CrashRig rig, Differences found)
    {
        await found.ExpectAsync(
            "copies whose time was up, and that are still there",
            0L,
            rig.Setup.AsOwnerAsync<long>("select count(*) from kernel.blob where id = any($1)", _copies.Select(copy => copy.Blob).ToArray())
        );
        await found.ExpectAsync(
            "copies that are said to be over",
            (long)_copies.Count,
            rig.Setup.AsOwnerAsync<long>(
                "select count(*) from privacy.person_export where id = any($1) and state = 'expired' and blob_id is null",
                _copies.Select(copy => copy.Export).ToArray()
            )
        );
    }
}
