using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Tenet.Kernel.Workspaces;
using Tenet.Privacy.Certificates;
using Tenet.Privacy.Erasures;
using Tenet.Tests.Support;

namespace Tenet.Tests.Crash;

/// <summary>A visitor with one conversation of three messages, whose erasure is begun: what its certificate must say is known.</summary>
internal static class ErasedPerson
{
    private static readonly Dictionary<string, (string Outcome, long Found, long? Remaining)> Certified = new(StringComparer.Ordinal)
    {
        ["inbox.visitor"] = ("erased", 1, 0),
        ["inbox.conversation"] = ("erased", 1, 0),
        ["inbox.message"] = ("erased", 3, 0),
        ["accounts.invitation"] = ("nothing_found", 0, 0),
    };

    public static async Task<Guid> PlantAsync(TestHost host, Guid workspace)
    {
        var (visitor, conversation) = (Guid.CreateVersion7(), Guid.CreateVersion7());
        await host.AsOwnerAsync<object>(
            """
            with visitor as (
              insert into inbox.visitor (workspace_id, id, language, created_at, seen_at) values ($1, $2, 'en', now(), now())),
            conversation as (
              insert into inbox.conversation
                (workspace_id, id, visitor_id, channel, state, mode, last_seq, last_message_at, preview, created_at)
              values ($1, $3, $2, 'widget', 'open', 'member', 3, now(), '', now()))
            insert into inbox.message (workspace_id, conversation_id, seq, id, author, kind, text, at)
            select $1, $3, n, gen_random_uuid(), 'member', 'text', 'Hello', now() from generate_series(1, 3) n
            """,
            workspace,
            visitor,
            conversation
        );
        return visitor;
    }

    public static async Task<Guid> BeginAsync(TestHost host, Guid workspace, CancellationToken ct)
    {
        var visitor = await PlantAsync(host, workspace);
        return await host.Door.RunAsync(
            workspace,
            Actor.System,
            ctx => ctx.Services.GetRequiredService<BeginErasure>().RunAsync(ctx, [visitor], ErasureGround.Request, ct),
            ct
        );
    }

    /// <summary>What is not as it must be once the erasure is done; empty when all is.</summary>
    public static async Task<string> WrongAsync(TestHost host, Guid erasure)
    {
        var text = await host.AsOwnerAsync<string>("select certificate from privacy.erasure where id = $1 and state = 'done'", erasure);
        if (text is null)
        {
            return "not done";
        }
        var stores = DeletionCertificate
            .Verify(Encoding.UTF8.GetBytes(text))
            .Stores.ToDictionary(
                store => store.Store,
                store => (store.Outcome, store.RowsFound, store.RowsRemaining),
                StringComparer.Ordinal
            );
        var wrong = Certified
            .Where(store => stores.GetValueOrDefault(store.Key) != store.Value)
            .Select(store => $"{store.Key}: {stores.GetValueOrDefault(store.Key)} instead of {store.Value}");
        var said = await host.AsOwnerAsync<string>(
            """
            select string_agg(action || ' ' || n, ', ' order by action)
              from (select action, count(*) as n from audit.entry where subject_id = $1 group by action) entries
            """,
            erasure
        );
        const string Once = "erasure.begun 1, erasure.completed 1, erasure.destroyed 1";
        return string.Join("; ", said == Once ? wrong : wrong.Append(said ?? "no audit entries"));
    }
}
