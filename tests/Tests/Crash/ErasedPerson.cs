using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Tenet.Kernel.Workspaces;
using Tenet.Privacy.Certificates;
using Tenet.Privacy.Erasures;
using Tenet.Privacy.Requests;
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

    /// <summary>As the team does for a person who asked for it: the request ends with the erasure.</summary>
    public static async Task<Guid> BeginForRequestAsync(TestHost host, Guid workspace, CancellationToken ct)
    {
        var (visitor, request) = (await PlantAsync(host, workspace), Guid.CreateVersion7());
        await host.AsOwnerAsync<object>(
            """
            with request as (
              insert into privacy.request
                (workspace_id, id, regime, kind, state, source, identity, email, name, person_id, details, language, token_hash, received_at,
                 acknowledge_by, respond_by, due_at, verified_at, repeated)
              values ($1, $2, 'gdpr', 'erasure', 'verified', 'api', 'link', $2::text || '@example.org', 'Kim', $3, 'All of it', 'en', sha256($2::text::bytea),
                      now(), now(), now(), now() + interval '30 days', now(), false))
            insert into privacy.request_event (workspace_id, id, request_id, step, note, by_kind, at)
            values ($1, gen_random_uuid(), $2, 'verified', 'Known from a call', 'member', now())
            """,
            workspace,
            request,
            visitor
        );
        await host.Door.RunAsync(
            workspace,
            Actor.System,
            ctx => ctx.Services.GetRequiredService<AnswerRequest>().FulfilAsync(ctx, request, null, ct),
            ct
        );
        return await host.AsOwnerAsync<Guid>("select erasure_id from privacy.request where id = $1", request);
    }

    /// <summary>Requests that did not end with their erasure as they must: answered once, and nothing left that says whose they were.</summary>
    private const string WrongRequests = """
        select count(*) from privacy.request r
         where erasure_id = $1
           and (state <> 'done' or closed_at is null or coalesce(email, name, details, answer, person_id::text, token_hash::text) is not null
             or exists (select from privacy.request_event e where e.request_id = r.id and e.note is not null)
             or 1 <> (select count(*) from privacy.request_event e where e.request_id = r.id and e.step = 'done'))
        """;

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
        if (await host.AsOwnerAsync<long>(WrongRequests, erasure) is > 0 and var requests)
        {
            return $"{requests} requests did not end as they must";
        }
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
