using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Tenet.Kernel.Audit;
using Tenet.Kernel.Audit.Checkpoints;
using Tenet.Tests.Support;
using Xunit;

namespace Tenet.Tests.Kernel.Audit;

public sealed class CheckpointTests(TestCluster cluster)
{
    private readonly TestHost _host = cluster.Host;
    private readonly CancellationToken _ct = TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_checkpoint_leaves_the_database_as_a_note_that_its_key_opens()
    {
        var lab = await AuditLab.OpenAsync(_host, _ct);
        await lab.WriteAndPublishAsync(5);
        await lab.WriteAndPublishAsync(3);

        var checkpoints = await lab.CheckpointsAsync();
        checkpoints.Select(checkpoint => checkpoint.Size).Order().ShouldBe([5, 8]);
        (await lab.KeyAsync()).Open((await lab.Store.LatestAsync(lab.Id, _ct))!).Size.ShouldBe(8);
        var head = (await lab.HeadAsync())!;
        (head.PublishedSize, head.Fault).ShouldBe((8, null));
        var report = await lab.VerifyAsync();
        (report.Checkpoints, report.Newest!.Size, report.Holds).ShouldBe((2, 8, true));
    }

    [Fact]
    public async Task The_job_comes_after_the_first_entry_that_no_checkpoint_covers()
    {
        await using var host = await cluster.StartHostAsync(builder =>
            builder.Services.AddSingleton(new AuditOptions(Folder()) { CheckpointEvery = TimeSpan.FromSeconds(1) })
        );
        var lab = await AuditLab.OpenAsync(host, _ct);
        await lab.WriteAsync(4);

        await Eventually.HoldsAsync(async () => (await lab.HeadAsync())?.PublishedSize == 4, "the checkpoint is published", _ct);
        (await lab.VerifyAsync()).Newest!.Size.ShouldBe(4);
    }

    [Fact]
    public async Task A_tail_cut_off_with_all_that_belongs_to_it_is_found_by_the_checkpoint_outside()
    {
        var lab = await AuditLab.OpenAsync(_host, _ct);
        await lab.WriteAndPublishAsync(5);
        var five = (await lab.HeadAsync())!;
        await lab.WriteAndPublishAsync(4);

        // As somebody would who knows how the trail is made.
        await lab.BreakAsync(
            "delete from audit.entry where workspace_id = $w and id in (select entry_id from audit.link where workspace_id = $w and position > 5); "
                + "delete from audit.link where workspace_id = $w and position > 5; "
                + $"update audit.head set size = 5, hash = '\\x{Convert.ToHexString(five.Hash)}', peaks = '\\x{Convert.ToHexString(five.Peaks)}', "
                + $"published_size = 5, published_note = '{five.PublishedNote}' where workspace_id = $w"
        );

        (await lab.VerifyAsync()).Findings.ShouldHaveSingleItem().ShouldContain("its end was cut off");
        // Tenet itself refuses to sign what it cannot have signed before, and says so.
        (await lab.PublishAsync()).ShouldBeNull();
        (await lab.HeadAsync())!.Fault.ShouldBe(AuditFault.Truncated);
        // Grown again to the old length it is another trail.
        await lab.WriteAsync(6);
        await lab.SequenceAsync();
        (await lab.PublishAsync()).ShouldBeNull();
        (await lab.HeadAsync())!.Fault.ShouldBe(AuditFault.Rewritten);
        (await lab.CheckpointsAsync()).Count.ShouldBe(2);
    }

    [Fact]
    public async Task A_trail_chained_anew_over_a_changed_entry_is_found_by_the_checkpoint_outside()
    {
        var lab = await AuditLab.OpenAsync(_host, _ct);
        await lab.WriteAndPublishAsync(6);
        var victim = (await lab.ReadAsync()).Rows[2].Entry!.Id;

        await lab.BreakAsync(
            $"update audit.entry set action = 'test.other' where workspace_id = $w and id = '{victim}'; "
                + "insert into audit.due select workspace_id, entry_id from audit.link where workspace_id = $w; "
                + "delete from audit.link where workspace_id = $w; delete from audit.head where workspace_id = $w"
        );
        await lab.SequenceAsync();

        (await lab.VerifyAsync()).Findings.ShouldHaveSingleItem().ShouldContain("the trail was rewritten");
        (await lab.PublishAsync()).ShouldBeNull();
        (await lab.HeadAsync())!.Fault.ShouldBe(AuditFault.Rewritten);
    }

    [Fact]
    public async Task A_killed_run_between_putting_a_checkpoint_and_remembering_it_is_made_good()
    {
        var lab = await AuditLab.OpenAsync(_host, _ct);
        await lab.WriteAndPublishAsync(5);
        await lab.BreakAsync(
            "update audit.head set published_size = 0, published_note = null, published_at = null where workspace_id = $w"
        );

        (await lab.PublishAsync())!.Size.ShouldBe(5);

        (await lab.HeadAsync())!.PublishedSize.ShouldBe(5);
        (await lab.CheckpointsAsync()).ShouldHaveSingleItem();
    }

    [Fact]
    public async Task Many_runs_at_once_publish_one_checkpoint()
    {
        var lab = await AuditLab.OpenAsync(_host, _ct);
        await lab.WriteAsync(5);
        await lab.SequenceAsync();

        var published = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => lab.PublishAsync()));

        published.ShouldAllBe(checkpoint => checkpoint!.Size == 5);
        (await lab.CheckpointsAsync()).ShouldHaveSingleItem();
    }

    [Fact]
    public async Task A_checkpoint_signed_by_somebody_else_is_refused()
    {
        var lab = await AuditLab.OpenAsync(_host, _ct);
        await lab.WriteAndPublishAsync(5);
        var seed = new byte[32];
        var key = new CheckpointKey(CheckpointKey.OriginOf(lab.Id), Ed25519.PublicKey(seed));
        var forged = key.Sign(new Checkpoint(key.Name, 9, new byte[32]), seed, DateTimeOffset.UnixEpoch);
        await lab.Store.AddAsync(lab.Id, 9, forged, _ct);

        (await lab.VerifyAsync()).Findings.ShouldHaveSingleItem().ShouldContain("not signed by");
        (await lab.PublishAsync()).ShouldBeNull();
        (await lab.HeadAsync())!.Fault.ShouldBe(AuditFault.ForeignCheckpoint);
    }

    [Fact]
    public async Task Checkpoints_that_move_to_another_place_go_on_from_the_last_one()
    {
        var lab = await AuditLab.OpenAsync(_host, _ct);
        await lab.WriteAndPublishAsync(5);
        var elsewhere = new FolderCheckpoints(Folder());
        await lab.WriteAsync(2);
        await lab.SequenceAsync();

        (await lab.PublishAsync(elsewhere))!.Size.ShouldBe(7);

        (await lab.VerifyAsync(elsewhere)).Holds.ShouldBeTrue();
    }

    [Fact]
    public async Task A_folder_that_cannot_be_written_is_told_and_nothing_is_lost()
    {
        var lab = await AuditLab.OpenAsync(_host, _ct);
        var file = Path.Combine(Folder(), "file");
        await File.WriteAllTextAsync(file, "no folder", _ct);
        await lab.WriteAsync(5);
        await lab.SequenceAsync();

        (await Should.ThrowAsync<CheckpointStoreException>(() => lab.PublishAsync(new FolderCheckpoints(file)))).Message.ShouldContain(
            file
        );

        (await lab.PublishAsync())!.Size.ShouldBe(5);
    }

    [Fact]
    public async Task A_signing_key_is_one_however_many_ask_for_it_first()
    {
        var lab = await AuditLab.OpenAsync(_host, _ct);

        var keys = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => lab.KeyAsync()));

        keys.Select(key => key.ToString()).Distinct().ShouldHaveSingleItem();
        // Exchanged in the database it is no key at all.
        await lab.BreakAsync("update audit.signing_key set seed = set_byte(seed, 40, 7 # get_byte(seed, 40)) where workspace_id = $w");
        await Should.ThrowAsync<System.Security.Cryptography.CryptographicException>(() => lab.KeyAsync());
    }

    private static string Folder() => Directory.CreateTempSubdirectory("tenet-checkpoints-").FullName;
}
