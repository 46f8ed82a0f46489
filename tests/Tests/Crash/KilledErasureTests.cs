using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Tenet.Kernel.Jobs;
using Tenet.Kernel.Workspaces;
using Tenet.Privacy.Certificates;
using Tenet.Privacy.Erasures;
using Tenet.Tests.Support;
using Xunit;

namespace Tenet.Tests.Crash;

public sealed class KilledErasureTests(TestCluster cluster)
{
    private readonly CancellationToken _ct = TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_erasure_killed_on_its_way_goes_on_where_it_was_and_its_certificate_has_the_right_numbers()
    {
        await using var host = await cluster.StartHostAsync(background: false);
        var workspace = await host.OpenWorkspaceAsync();
        var died = 0;
        // Spread over its commits, from the first look to the certificate; the last ones lie behind its end.
        foreach (
            var point in new[]
            {
                "commit.before/2",
                "commit.after/3",
                "commit.before/8",
                "commit.after/14",
                "commit.before/20",
                "commit.after/22",
                "commit.before/24",
                "commit.after/25",
                "commit.after/27",
            }
        )
        {
            var visitor = await PlantAsync(host, workspace);
            var id = await host.Door.RunAsync(
                workspace.Id,
                Actor.System,
                ctx => ctx.Services.GetRequiredService<BeginErasure>().RunAsync(ctx, [visitor], ErasureGround.Request, _ct),
                _ct
            );
            died += await RunAndDieAsync(host, id, $"{ErasePerson.Kind}/{point}") ? 1 : 0;

            await using (var scope = host.Services.CreateAsyncScope())
            {
                var erase = scope.ServiceProvider.GetRequiredService<ErasePerson>();
                await erase.RunAsync(new JobRun(workspace.Id, Guid.CreateVersion7(), id, 2), _ct);
            }

            var text = await host.AsOwnerAsync<string>("select certificate from privacy.erasure where id = $1", id);
            var stores = DeletionCertificate
                .Verify(System.Text.Encoding.UTF8.GetBytes(text!))
                .Stores.ToDictionary(
                    store => store.Store,
                    store => (store.Outcome, store.RowsFound, store.RowsRemaining),
                    StringComparer.Ordinal
                );
            stores["inbox.visitor"].ShouldBe(("erased", 1, 0), point);
            stores["inbox.conversation"].ShouldBe(("erased", 1, 0), point);
            stores["inbox.message"].ShouldBe(("erased", 3, 0), point);
            stores["accounts.invitation"].ShouldBe(("nothing_found", 0, 0), point);
            (await host.AsOwnerAsync<long>("select count(*) from inbox.message where workspace_id = $1", workspace.Id)).ShouldBe(0, point);
        }
        died.ShouldBeGreaterThan(5);
    }

    /// <returns>Whether the point was reached before the erasure was done.</returns>
    private async Task<bool> RunAndDieAsync(TestHost host, Guid erasure, string point)
    {
        await using var process = new TenetProcess(host.AdminConnectionString, cluster.MasterKeyFile);
        process.Environment["TENET_CRASH_AT"] = point;
        try
        {
            await process.StartAsync();
        }
        catch (InvalidOperationException)
        {
            // Died before it was asked whether it lives.
        }
        await Eventually.HoldsAsync(
            async () =>
                process.HasExited || await host.AsOwnerAsync<bool>("select state = 'done' from privacy.erasure where id = $1", erasure),
            "the host dies, or the erasure ends",
            _ct
        );
        return process.HasExited;
    }

    private static async Task<Guid> PlantAsync(TestHost host, Workspace workspace)
    {
        var (visitor, conversation) = (Guid.CreateVersion7(), Guid.CreateVersion7());
        await host.AsOwnerAsync<object>(
            "insert into inbox.visitor (workspace_id, id, language, created_at, seen_at) values ($1, $2, 'en', now(), now())",
            workspace.Id,
            visitor
        );
        await host.AsOwnerAsync<object>(
            """
            insert into inbox.conversation (workspace_id, id, visitor_id, channel, state, mode, last_seq, last_message_at, preview, created_at)
            values ($1, $2, $3, 'widget', 'open', 'member', 3, now(), '', now())
            """,
            workspace.Id,
            conversation,
            visitor
        );
        await host.AsOwnerAsync<object>(
            """
            insert into inbox.message (workspace_id, conversation_id, seq, id, author, kind, text, at)
            select $1, $2, n, gen_random_uuid(), 'visitor', 'text', 'Hello', now() from generate_series(1, 3) n
            """,
            workspace.Id,
            conversation
        );
        return visitor;
    }
}
