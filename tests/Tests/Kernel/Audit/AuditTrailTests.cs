using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Shouldly;
using Tenet.Kernel.Audit;
using Tenet.Kernel.Audit.Merkle;
using Tenet.Kernel.Workspaces;
using Tenet.Tests.Support;
using Xunit;

namespace Tenet.Tests.Kernel.Audit;

public sealed class AuditTrailTests(TestCluster cluster)
{
    private readonly TestHost _host = cluster.Host;
    private readonly CancellationToken _ct = TestContext.Current.CancellationToken;

    [Fact]
    public void A_link_commits_to_the_one_before_it_and_to_its_leaf()
    {
        byte[] previous = [.. Enumerable.Range(0, 32).Select(n => (byte)n)];
        byte[] leaf = [.. Enumerable.Range(100, 32).Select(n => (byte)n)];

        AuditChain.Link(previous, leaf).ShouldBe(System.Security.Cryptography.SHA256.HashData([2, .. previous, .. leaf]));
    }

    [Fact]
    public async Task Every_entry_of_many_writers_gets_its_place_while_several_sequencers_run()
    {
        var lab = await AuditLab.OpenAsync(_host, _ct);
        var sequencer = _host.Services.GetRequiredService<AuditSequencer>();
        await Parallel.ForAsync(
            0,
            60,
            _ct,
            async (n, ct) =>
            {
                await lab.WriteAsync(5);
                if (n % 10 == 0)
                {
                    await sequencer.SequenceAllAsync(ct);
                }
            }
        );
        await UntilChainedAsync(lab);

        var report = await lab.VerifyAsync();

        report.Findings.ShouldBeEmpty();
        report.Entries.ShouldBe(300);
        report.Waiting.ShouldBe(0);
    }

    [Fact]
    public async Task Entries_of_a_transaction_that_is_rolled_back_leave_no_trace()
    {
        var lab = await AuditLab.OpenAsync(_host, _ct);
        await Should.ThrowAsync<PostgresException>(() =>
            lab.RunAsync<bool>(async ctx =>
            {
                ctx.Audit("test.done", "test", lab.Id);
                await ctx.SaveAsync(_ct);
                return await ctx.ScalarAsync<bool>($"select 1 / 0 = 1", _ct);
            })
        );
        await lab.WriteAsync(1);
        await lab.SequenceAsync();

        (await lab.VerifyAsync()).Entries.ShouldBe(1);
    }

    [Fact]
    public async Task Proofs_from_the_database_hold_across_the_borders_of_its_blocks()
    {
        var lab = await AuditLab.OpenAsync(_host, _ct);
        await lab.WriteAsync(700);
        await lab.SequenceAsync();
        await lab.WriteAsync(77);
        await lab.SequenceAsync();
        var (rows, around) = await lab.ReadAsync();
        around.Nodes.Count.ShouldBe(3);
        var earlier = new CompactRange();
        rows.Take(300).ToList().ForEach(row => earlier.Append(row.Link.Leaf));

        await lab.RunAsync(async ctx =>
        {
            var proofs = new AuditTree().Proofs(ctx);
            foreach (var index in (int[])[0, 1, 255, 256, 511, 512, 700, 775, 776])
            {
                var proof = await proofs.InclusionAsync(index, 777, _ct);
                MerkleTree.Includes(around.Head!.Root(), index, 777, rows[index].Link.Leaf, proof).ShouldBeTrue($"{index}");
            }
            var consistency = await proofs.ConsistencyAsync(300, 777, _ct);
            MerkleTree.IsConsistent(300, earlier.Root(), 777, around.Head!.Root(), consistency).ShouldBeTrue();
            return true;
        });
    }

    [Theory]
    [InlineData(
        "update audit.entry set action = 'test.other' where workspace_id = $w and id = (select min(id::text)::uuid from audit.entry where workspace_id = $w)",
        "was changed or moved"
    )]
    [InlineData("update audit.entry set details = '{}' where workspace_id = $w", "other details")]
    [InlineData("update audit.entry set commitment = salt where workspace_id = $w", "was changed or moved")]
    [InlineData("update audit.entry set details = null, salt = null where workspace_id = $w", "no erasure tells of it")]
    [InlineData("delete from audit.entry where workspace_id = $w", "no purge tells of it")]
    [InlineData("delete from audit.link where workspace_id = $w and position = 2", "not chained and do not wait")]
    [InlineData("update audit.link set hash = previous where workspace_id = $w and position = 2", "wrong hash")]
    [InlineData("delete from audit.head where workspace_id = $w", "does not fit its")]
    [InlineData("update audit.head set size = 2 where workspace_id = $w", "beyond the end")]
    [InlineData("update audit.head set purged_through = 2 where workspace_id = $w", "counts 2 purged entries")]
    [InlineData(
        "insert into audit.entry select workspace_id, gen_random_uuid(), at, actor_kind, actor_id, action, subject_kind, subject_id, details, salt, commitment from audit.entry where workspace_id = $w",
        "slipped in"
    )]
    public async Task A_change_behind_the_codes_back_is_found(string sabotage, string finding)
    {
        var lab = await AuditLab.OpenAsync(_host, _ct);
        await lab.WriteAndPublishAsync(5);
        (await lab.VerifyAsync()).Findings.ShouldBeEmpty();

        await lab.BreakAsync(sabotage);

        var findings = (await lab.VerifyAsync()).Findings;
        findings.ShouldContain(text => text.Contains(finding, StringComparison.Ordinal), string.Join('\n', findings));
    }

    [Fact]
    public async Task Details_can_be_erased_and_the_chain_still_verifies()
    {
        var lab = await AuditLab.OpenAsync(_host, _ct);
        await lab.WriteAndPublishAsync(3);
        var entry = (await lab.ReadAsync()).Rows[1].Entry!;

        await _host.Door.RunAsync(lab.Id, Actor.Operator, ctx => EraseAuditDetails.RunAsync(ctx, entry.Id, _ct), _ct);
        // The erasure counts from the moment it is written, chained or not.
        (await lab.VerifyAsync()).Findings.ShouldBeEmpty();
        await lab.SequenceAsync();

        var report = await lab.VerifyAsync();
        report.Findings.ShouldBeEmpty();
        (report.Erased, report.Entries).ShouldBe((1, 4));
        var erased = (await lab.ReadAsync()).Rows[1].Entry!;
        (erased.Details, erased.Salt, erased.Action).ShouldBe((null, null, entry.Action));
    }

    [Fact]
    public async Task A_trail_that_was_tampered_with_does_not_stop_the_others()
    {
        var (broken, whole) = (await AuditLab.OpenAsync(_host, _ct), await AuditLab.OpenAsync(_host, _ct));
        await broken.WriteAndPublishAsync(3);
        await broken.BreakAsync("delete from audit.head where workspace_id = $w");
        await broken.WriteAsync(1);
        await whole.WriteAsync(1);

        await _host.Services.GetRequiredService<AuditSequencer>().SequenceAllAsync(_ct);

        await UntilChainedAsync(whole);
        // Nothing of it is lost: it waits until somebody has looked.
        (await broken.VerifyAsync()).Waiting.ShouldBe(1);
        await broken.BreakAsync("delete from audit.due where workspace_id = $w");
    }

    private async Task UntilChainedAsync(AuditLab lab) =>
        await Eventually.HoldsAsync(
            async () =>
            {
                await lab.SequenceAsync();
                return !await lab.RunAsync(ctx => ctx.ScalarAsync<bool>($"select exists (select from audit.due)", _ct));
            },
            "all entries are chained",
            _ct
        );
}
