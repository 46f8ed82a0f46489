using Shouldly;
using Tenet.Kernel.Audit;
using Tenet.Kernel.Audit.Checkpoints;
using Tenet.Kernel.Workspaces;
using Tenet.Tests.Support;
using Xunit;

namespace Tenet.Tests.Kernel.Audit;

/// <summary>
/// Ten thousand ways to change a trail that was read from the database, by somebody who knows how it is made, and none goes unseen. The last
/// checkpoint covers the whole trail: what comes after it is attested by the next one.
/// </summary>
public sealed class AuditMutationTests(TestCluster cluster)
{
    private const int Seed = 20261121;
    private const int Entries = 90;
    private readonly TestHost _host = cluster.Host;
    private readonly CancellationToken _ct = TestContext.Current.CancellationToken;

    [Fact]
    public async Task Ten_thousand_mutations_of_a_trail_are_all_found()
    {
        var lab = await MakeAsync(_host);
        var (rows, around) = await lab.ReadAsync();
        var checkpoints = await lab.CheckpointsAsync();
        Verify(lab.Id, rows, around, checkpoints).Findings.ShouldBeEmpty();
        var random = new Random(Seed);
        var unseen = new List<string>();
        var tried = new Dictionary<string, int>(StringComparer.Ordinal);

        for (var n = 0; n < 10_000; n++)
        {
            var mutation = Mutations[random.Next(Mutations.Length)];
            var changed = new MutableTrail(lab.Id, [.. rows], around, random);
            mutation.Do(changed);
            // Half of them by who also makes everything that stands in the database fit again.
            if (random.Next(2) == 0)
            {
                changed.MakeFit();
            }
            if (changed.IsSame(rows, around))
            {
                n--;
                continue;
            }
            tried[mutation.Name] = tried.GetValueOrDefault(mutation.Name) + 1;
            if (Verify(lab.Id, changed.Rows, changed.Around, checkpoints).Holds)
            {
                unseen.Add($"{n}: {mutation.Name}");
            }
        }

        unseen.ShouldBeEmpty();
        tried.Keys.Count.ShouldBe(Mutations.Length);
        tried.Values.Sum().ShouldBe(10_000);
    }

    [Fact]
    [Trait("Seeded", "the audit trail changed in the database")]
    public async Task Mutations_of_the_living_database_are_all_found()
    {
        // Its own database, since a table that nobody has declared would disturb others.
        await using var host = await cluster.StartHostAsync(background: false);
        var lab = await MakeAsync(host);
        await lab.BreakAsync(
            """
            create schema spare;
            create table spare.entry as select * from audit.entry where workspace_id = $w;
            create table spare.link as select * from audit.link where workspace_id = $w;
            create table spare.head as select * from audit.head where workspace_id = $w
            """
        );
        var random = new Random(Seed);
        for (var n = 0; n < 120; n++)
        {
            // Of the entries that are neither purged nor erased.
            var (a, b) = (random.Next(20, Entries), random.Next(20, Entries - 1));
            b += b >= a ? 1 : 0;
            var of = $"workspace_id = $w and id = (select entry_id from audit.link where workspace_id = $w and position = {a})";
            var sql = random.Next(8) switch
            {
                0 => $"update audit.entry set actor_id = '{Guid.CreateVersion7()}' where {of}",
                1 => $"update audit.entry set at = at + interval '1 microsecond' where {of}",
                2 => $"update audit.entry set details = coalesce(details, '') || ' ' where {of}",
                3 => $"delete from audit.entry where {of}",
                4 => $"delete from audit.link where workspace_id = $w and position = {a}",
                5 => $"update audit.link set entry_id = null where workspace_id = $w and position = {a}",
                6 => $"""
                    update audit.link set position = -position where workspace_id = $w and position in ({a}, {b});
                    update audit.link set position = case position when -{a} then {b} else {a} end where workspace_id = $w and position < 0
                    """,
                _ =>
                    $"delete from audit.link where workspace_id = $w and position > {a}; update audit.head set size = {a} where workspace_id = $w",
            };
            await lab.BreakAsync(sql);
            (await lab.VerifyAsync()).Holds.ShouldBeFalse(sql);
            await lab.BreakAsync(
                """
                delete from audit.link where workspace_id = $w; delete from audit.entry where workspace_id = $w;
                delete from audit.head where workspace_id = $w;
                insert into audit.entry select * from spare.entry; insert into audit.link select * from spare.link;
                insert into audit.head select * from spare.head
                """
            );
        }
        (await lab.VerifyAsync()).Findings.ShouldBeEmpty();
    }

    // With a purged beginning, an erased entry and several checkpoints.
    private async Task<AuditLab> MakeAsync(TestHost host)
    {
        var lab = await AuditLab.OpenAsync(host, _ct);
        await lab.WriteAndPublishAsync(12);
        await lab.PurgeAsync(daysLater: 400);
        await lab.WriteAndPublishAsync(Entries - 34);
        var erased = (await lab.ReadAsync()).Rows[15].Entry!.Id;
        await host.Door.RunAsync(lab.Id, Actor.Operator, ctx => EraseAuditDetails.RunAsync(ctx, erased, _ct), _ct);
        await lab.WriteAndPublishAsync(20);
        (await lab.VerifyAsync()).Entries.ShouldBe(Entries);
        return lab;
    }

    private static AuditReport Verify(
        Guid workspace,
        IEnumerable<AuditRow> rows,
        AuditSurroundings around,
        IEnumerable<SignedCheckpoint> checkpoints
    )
    {
        var verification = new AuditVerification(workspace, checkpoints);
        foreach (var row in rows)
        {
            verification.Add(row);
        }
        return verification.Finish(around);
    }

    private static readonly (string Name, Action<MutableTrail> Do)[] Mutations =
    [
        ("another action", trail => trail.ChangeEntry(entry => entry with { Action = entry.Action + "x" })),
        ("another actor", trail => trail.ChangeEntry(entry => entry with { ActorId = Guid.CreateVersion7() })),
        ("no actor", trail => trail.ChangeEntry(entry => entry with { ActorId = null })),
        ("another kind of actor", trail => trail.ChangeEntry(entry => entry with { ActorKind = ActorKind.Visitor })),
        ("another time", trail => trail.ChangeEntry(entry => entry with { At = entry.At.AddMicroseconds(trail.Random.Next(1, 1000)) })),
        ("another subject", trail => trail.ChangeEntry(entry => entry with { SubjectId = Guid.CreateVersion7() })),
        ("another kind of subject", trail => trail.ChangeEntry(entry => entry with { SubjectKind = "x" + entry.SubjectKind })),
        (
            "fields moved across their border",
            trail =>
                trail.ChangeEntry(entry =>
                    entry with
                    {
                        Action = entry.Action + entry.SubjectKind[0],
                        SubjectKind = entry.SubjectKind[1..],
                    }
                )
        ),
        ("other details", trail => trail.ChangeEntry(entry => entry with { Details = entry.Details + " " })),
        ("no details", trail => trail.ChangeEntry(entry => entry with { Details = null, Salt = null })),
        ("details and commitment", trail => trail.ChangeEntry(entry => trail.Recommitted(entry, """{"n":99}"""))),
        ("another salt", trail => trail.ChangeEntry(entry => entry with { Salt = trail.Bytes(16) })),
        ("another id", trail => trail.ChangeEntry(entry => entry with { Id = Guid.CreateVersion7() })),
        ("entry deleted", trail => trail.Rows[trail.Any()] = trail.Rows[trail.Any()] with { Entry = null }),
        ("row deleted", trail => trail.Rows.RemoveAt(trail.Any())),
        ("rows deleted in the middle", trail => trail.Rows.RemoveRange(5, trail.Random.Next(1, 40))),
        ("tail cut off", trail => trail.Rows.RemoveRange(trail.Any(), trail.Rows.Count - trail.LastAny)),
        ("beginning cut off", trail => trail.Rows.RemoveRange(0, trail.Random.Next(1, 40))),
        ("two entries exchanged", trail => trail.ExchangeEntries()),
        ("two rows exchanged", trail => trail.ExchangeRows()),
        ("rows turned round", trail => trail.Rows.Reverse(trail.Random.Next(0, 40), trail.Random.Next(2, 40))),
        ("a row doubled", trail => trail.Double()),
        ("a row slipped in", trail => trail.SlipIn()),
        ("another leaf", trail => trail.ChangeLink(link => link with { Leaf = trail.Flip(link.Leaf) })),
        ("another hash", trail => trail.ChangeLink(link => link with { Hash = trail.Flip(link.Hash) })),
        ("another predecessor", trail => trail.ChangeLink(link => link with { Previous = trail.Flip(link.Previous) })),
        ("another position", trail => trail.ChangeLink(link => link with { Position = link.Position + trail.Random.Next(1, 9) })),
        ("another head", trail => trail.ChangeHead(head => head with { Hash = trail.Flip(head.Hash) })),
        ("other peaks", trail => trail.ChangeHead(head => head with { Peaks = trail.Flip(head.Peaks) })),
        ("a shorter head", trail => trail.ChangeHead(head => head with { Size = head.Size - trail.Random.Next(1, 50) })),
        ("more purged", trail => trail.ChangeHead(head => head with { PurgedThrough = head.PurgedThrough + 1 })),
    ];
}
