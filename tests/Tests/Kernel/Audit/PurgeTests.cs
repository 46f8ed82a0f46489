using Shouldly;
using Tenet.Kernel.Audit;
using Tenet.Kernel.Policies;
using Tenet.Tests.Support;
using Xunit;

namespace Tenet.Tests.Kernel.Audit;

public sealed class PurgeTests(TestCluster cluster)
{
    private readonly TestHost _host = cluster.Host;
    private readonly CancellationToken _ct = TestContext.Current.CancellationToken;

    [Fact]
    public async Task Entries_are_kept_for_their_days_and_then_gone_and_the_chain_still_verifies()
    {
        var lab = await AuditLab.OpenAsync(_host, _ct);
        await lab.WriteAndPublishAsync(6);

        await lab.PurgeAsync(daysLater: 364);
        (await lab.ReadAsync()).Rows.ShouldAllBe(row => row.Entry != null);

        await lab.PurgeAsync(daysLater: 366);
        await lab.SequenceAsync();
        await lab.PublishAsync();

        var (rows, _) = await lab.ReadAsync();
        rows.Take(6).ShouldAllBe(row => row.Entry == null && row.Link.EntryId == null);
        rows[6].Entry!.Action.ShouldBe("audit.purged");
        var report = await lab.VerifyAsync();
        report.Findings.ShouldBeEmpty();
        (report.Entries, report.Purged, report.Checkpoints).ShouldBe((7, 6, 2));
        (await _host.AsOwnerAsync<long>("select count(*) from audit.entry where workspace_id = $1", lab.Id)).ShouldBe(1);
    }

    [Fact]
    public async Task Purging_again_and_again_still_verifies_when_the_first_purge_is_itself_purged()
    {
        var lab = await AuditLab.OpenAsync(_host, _ct);
        await lab.WriteAndPublishAsync(3);
        await lab.PurgeAsync(daysLater: 400);
        await lab.SequenceAsync();
        await lab.PurgeAsync(daysLater: 800);
        await lab.SequenceAsync();

        var report = await lab.VerifyAsync();

        report.Findings.ShouldBeEmpty();
        (report.Entries, report.Purged).ShouldBe((5, 4));
    }

    [Fact]
    public async Task An_entry_deleted_without_a_purge_is_found_even_after_a_purge_of_others()
    {
        var lab = await AuditLab.OpenAsync(_host, _ct);
        await lab.WriteAndPublishAsync(3);
        await lab.PurgeAsync(daysLater: 400);
        await lab.WriteAndPublishAsync(3);
        (await lab.VerifyAsync()).Findings.ShouldBeEmpty();

        await lab.BreakAsync(
            "delete from audit.entry where workspace_id = $w and id = (select entry_id from audit.link where workspace_id = $w and position = 5)"
        );

        (await lab.VerifyAsync()).Findings.ShouldHaveSingleItem().ShouldContain("Entries 5 to 5 are gone");
    }

    [Fact]
    public async Task Evidence_destroyed_under_the_name_of_a_purge_is_found_by_the_time_of_its_checkpoint()
    {
        var lab = await AuditLab.OpenAsync(_host, _ct);
        await lab.WriteAndPublishAsync(3);
        await lab.WriteAndPublishAsync(3);
        // As if the clock had been put forward for a moment: the entries are of today, and so are their checkpoints.
        await lab.PurgeAsync(daysLater: 400);
        await lab.BreakAsync(
            "update audit.entry set at = at - interval '400 days', details = replace(details, to_char(now() + interval '35 days', 'YYYY-MM-DD'), to_char(now() - interval '365 days', 'YYYY-MM-DD')) where workspace_id = $w and action = 'audit.purged'"
        );
        await lab.RunAsync(async ctx =>
        {
            // Committed to as written, since it is not chained yet.
            var (id, salt, details) = await ctx.FirstOrDefaultAsync(
                $"select id, salt, details from audit.entry where action = 'audit.purged'",
                row => (row.GetGuid(0), row.GetFieldValue<byte[]>(1), row.GetString(2)),
                _ct
            );
            var commitment = System.Security.Cryptography.SHA256.HashData([.. salt, .. System.Text.Encoding.UTF8.GetBytes(details)]);
            ctx.Later($"update audit.entry set details = {details} where id = {id}");
            await ctx.SaveAsync(_ct);
            return await _host.AsOwnerAsync<object>(
                $"update audit.entry set commitment = '\\x{Convert.ToHexString(commitment)}' where workspace_id = '{lab.Id}' and id = '{id}'"
            );
        });
        await lab.SequenceAsync();

        (await lab.VerifyAsync()).Findings.ShouldHaveSingleItem().ShouldContain("purged too early");
    }

    [Fact]
    public async Task A_purge_of_fewer_days_than_may_be_set_counts_for_nothing()
    {
        var lab = await AuditLab.OpenAsync(_host, _ct);
        await lab.WriteAndPublishAsync(3);
        await lab.PurgeAsync(daysLater: 2, Period.Parse("1 day"));
        await lab.SequenceAsync();

        (await lab.VerifyAsync()).Findings.ShouldContain(text => text.Contains("nobody could have ordered", StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_entry_of_a_clock_that_was_ahead_does_not_keep_the_old_ones()
    {
        var lab = await AuditLab.OpenAsync(_host, _ct);
        await lab.WriteAsync(2);
        await lab.SequenceAsync();
        await lab.BreakAsync("update audit.entry set at = at + interval '10 years' where workspace_id = $w");
        await lab.WriteAsync(2);
        await lab.SequenceAsync();

        await lab.PurgeAsync(daysLater: 400);

        (await lab.ReadAsync()).Rows.Count(row => row.Entry is null).ShouldBe(4);
    }

    [Fact]
    public async Task The_purge_is_scheduled_with_the_first_entry()
    {
        var lab = await AuditLab.OpenAsync(_host, _ct);
        await lab.WriteAsync(1);
        await lab.SequenceAsync();

        (
            await _host.AsOwnerAsync<long>(
                "select count(*) from kernel.schedule where workspace_id = $1 and kind = 'audit.purge' and every = interval '1 hour'",
                lab.Id
            )
        ).ShouldBe(1);
    }
}
