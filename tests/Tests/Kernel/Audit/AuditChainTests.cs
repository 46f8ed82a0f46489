using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Tenet.Kernel.Audit;
using Tenet.Kernel.Workspaces;
using Tenet.Tests.Support;
using Xunit;

namespace Tenet.Tests.Kernel.Audit;

public sealed class AuditChainTests(TestCluster cluster)
{
    private readonly TestHost _host = cluster.Host;
    private readonly CancellationToken _ct = TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_entry_gets_its_place_in_the_chain_and_the_chain_verifies()
    {
        var workspace = await _host.OpenWorkspaceAsync();
        await Parallel.ForAsync(
            0,
            40,
            _ct,
            async (n, ct) =>
                await _host.Door.RunAsync(
                    workspace.Id,
                    Actor.Operator,
                    ctx =>
                    {
                        ctx.Audit("test.done", "test", workspace.Id, new { n });
                        return Task.CompletedTask;
                    },
                    ct
                )
        );

        await _host.Services.GetRequiredService<AuditSequencer>().SequenceAllAsync(_ct);

        var links = await ReadAsync(workspace.Id);
        links.Count.ShouldBe(40);
        Verify(workspace.Id, links).ShouldBeNull();
    }

    [Theory]
    [InlineData("update audit.entry set action = 'test.other' where workspace_id = $1")]
    [InlineData("update audit.entry set commitment = salt where workspace_id = $1")]
    [InlineData("update audit.link set hash = previous where workspace_id = $1 and position = 2")]
    [InlineData("delete from audit.link where workspace_id = $1 and position = 2")]
    public async Task A_change_behind_the_codes_back_breaks_the_chain(string sabotage)
    {
        var workspace = await _host.OpenWorkspaceAsync();
        for (var n = 0; n < 3; n++)
        {
            await _host.Door.BatchAsync(
                workspace.Id,
                Actor.System,
                batch => batch.Audit("test.done", "test", workspace.Id, new { n }),
                _ct
            );
        }
        await _host.Services.GetRequiredService<AuditSequencer>().SequenceAllAsync(_ct);
        Verify(workspace.Id, await ReadAsync(workspace.Id)).ShouldBeNull();

        await _host.AsOwnerAsync<object>(
            "set session_replication_role = replica; " + sabotage.Replace("$1", $"'{workspace.Id}'", StringComparison.Ordinal)
        );

        Verify(workspace.Id, await ReadAsync(workspace.Id)).ShouldNotBeNull();
    }

    private Task<List<(AuditLink Link, AuditEntry Entry)>> ReadAsync(Guid workspace) =>
        _host.Door.RunAsync(
            workspace,
            Actor.System,
            ctx =>
                ctx.ListAsync(
                    $"""
                    select e.id, e.at, e.actor_kind, e.actor_id, e.action, e.subject_kind, e.subject_id, e.details, e.salt, e.commitment,
                           l.position, l.previous, l.hash
                      from audit.link l join audit.entry e on e.workspace_id = l.workspace_id and e.id = l.entry_id order by l.position
                    """,
                    row =>
                        (
                            new AuditLink
                            {
                                Position = row.GetInt64(10),
                                EntryId = row.GetGuid(0),
                                Previous = row.GetFieldValue<byte[]>(11),
                                Hash = row.GetFieldValue<byte[]>(12),
                            },
                            AuditSequencer.Read(row)
                        ),
                    _ct
                ),
            _ct
        );

    private static string? Verify(Guid workspace, List<(AuditLink Link, AuditEntry Entry)> rows)
    {
        var previous = AuditChain.Origin(workspace);
        for (var n = 0; n < rows.Count; n++)
        {
            var (link, entry) = rows[n];
            if (link.Position != n + 1 || !link.Previous.AsSpan().SequenceEqual(previous))
            {
                return "order";
            }
            previous = AuditChain.Link(previous, workspace, link.Position, entry);
            if (!previous.AsSpan().SequenceEqual(link.Hash))
            {
                return "hash";
            }
        }
        return null;
    }
}
