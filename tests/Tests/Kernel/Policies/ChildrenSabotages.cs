using Microsoft.Extensions.DependencyInjection;
using Tenet.Kernel.Subjects;

namespace Tenet.Tests.Kernel.Policies;

internal static partial class Sabotages
{
    private static IEnumerable<Sabotage> Children()
    {
        const string Mend = """
            delete from kernel.refused_identifier; delete from privacy.erasure; update inbox.visitor set email = null;
            delete from inbox.message; delete from inbox.conversation; update inbox.widget set age_gate_since = null
            """;
        const string Erasure =
            "insert into privacy.erasure (workspace_id, id, reference, ground, state, created_at) values ('{0}', '{0}', 'x', 'child', 'recorded', now() - interval '2 days');";

        yield return Sabotage.Sql(
            "house.children",
            "children",
            "leave a child's erasure undone for two days",
            Erasure + "insert into kernel.refused_identifier (workspace_id, hash, erasure_id, since) values ('{0}', 'x', '{0}', now())",
            Mend
        );
        yield return new Sabotage(
            "widget.31",
            "children",
            "store somebody under the address of a child who was erased",
            host =>
            {
                var refused = host.Host.Services.GetRequiredService<RefusedIdentifiers>();
                var hash = Convert.ToHexString(refused.HashOf(host.Workspace.Id, "child@example.org"));
                return host.AsOwnerAsync(
                    $"insert into kernel.refused_identifier (workspace_id, hash, erasure_id, since) values ('{{0}}', '\\x{hash}', gen_random_uuid(), now()); update inbox.visitor set email = 'child@example.org'"
                );
            },
            host => host.AsOwnerAsync(Mend)
        );
        yield return Sabotage.Sql(
            "widget.31",
            "age_gate",
            "keep a message of somebody who never said that they are old enough",
            """
            insert into inbox.widget (workspace_id, id, key, name, color, position, theme, language, greeting, updated_at)
            values ('{0}', '{0}', 'k', 'Shop', '#000000', 'right', 'auto', 'en', '', now()) on conflict do nothing;
            update inbox.widget set age_gate_since = now() - interval '1 hour';
            insert into inbox.conversation (workspace_id, id, visitor_id, channel, state, mode, last_seq, last_message_at, preview, created_at)
            values ('{0}', '{0}', '{0}', 'widget', 'open', 'waiting', 1, now(), '', now());
            insert into inbox.message (workspace_id, conversation_id, seq, id, author, author_id, kind, text, at)
            values ('{0}', '{0}', 1, '{0}', 'visitor', '{0}', 'text', 'Hello', now())
            """,
            Mend
        );
    }
}
