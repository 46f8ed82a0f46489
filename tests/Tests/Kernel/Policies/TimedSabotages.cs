namespace Tenet.Tests.Kernel.Policies;

internal static partial class Sabotages
{
    private static IEnumerable<Sabotage> Ages()
    {
        Sabotage Old(string promise, string does, string breaks, string mends) => Sabotage.Sql(promise, "retention", does, breaks, mends);

        const string Conversation =
            "insert into inbox.conversation (workspace_id, id, visitor_id, channel, state, mode, last_seq, last_message_at, preview, created_at) values ('{0}', '{0}', '{0}', 'widget', 'open', 'ai', 0, now() - interval ";
        const string NoConversation = "delete from inbox.conversation";

        yield return Old(
            "house.events",
            "keep an old event",
            "insert into kernel.event (workspace_id, id, topic, subject_id, at) values ('{0}', '{0}', 'x', '{0}', now() - interval '8 days')",
            "delete from kernel.event"
        );
        yield return Old(
            "crm.20",
            "keep an old entry of the audit log",
            "insert into audit.entry (workspace_id, id, at, actor_kind, action, subject_kind, subject_id, commitment) values ('{0}', '{0}', now() - interval '366 days', 'system', 'x', 'x', '{0}', '')",
            "delete from audit.entry where action = 'x'"
        );
        yield return Old(
            "operations.19",
            "keep an entry of the audit log for years",
            "insert into audit.entry (workspace_id, id, at, actor_kind, action, subject_kind, subject_id, commitment) values ('{0}', '{0}', now() - interval '3 years', 'system', 'x', 'x', '{0}', '')",
            "delete from audit.entry where action = 'x'"
        );
        yield return Old("widget.24", "keep an old conversation", Conversation + "'91 days', '', now())", NoConversation);
        yield return Old(
            "operations.20",
            "keep a conversation for longer than the workspace has chosen",
            "insert into inbox.widget (workspace_id, id, key, name, color, position, theme, language, greeting, keep_days, updated_at) values ('{0}', '{0}', 'k', 'n', '#000000', 'right', 'auto', 'en', '', 10, now());"
                + Conversation
                + "'11 days', '', now())",
            NoConversation + "; delete from inbox.widget"
        );
        yield return Old(
            "house.ages",
            "keep an ended session",
            "insert into accounts.session (id, token_hash, login_id, current_workspace_id, expires_at) values ('{0}', 'x', '{0}', '{0}', now() - interval '1 day')",
            "delete from accounts.session"
        );
        yield return Old(
            "house.ages",
            "keep an old link for signing in",
            "insert into accounts.sign_in_link (token_hash, login_id, return_path, expires_at) values ('x', '{0}', '/', now() - interval '2 days')",
            "delete from accounts.sign_in_link"
        );
        yield return Old(
            "house.ages",
            "keep what a passkey was asked",
            "insert into accounts.passkey_ceremony (id, browser_hash, kind, state, expires_at) values ('{0}', 'x', 'verify', '', now() - interval '1 day')",
            "delete from accounts.passkey_ceremony"
        );
        yield return Old(
            "house.ages",
            "keep an old invitation",
            "insert into accounts.invitation (workspace_id, id, email, role, token_hash, created_at, expires_at) values ('{0}', '{0}', 'a@example.org', 'agent', 'x', now() - interval '60 days', now() - interval '8 days')",
            "delete from accounts.invitation"
        );
        yield return Old(
            "house.ages",
            "keep a letter that was sent",
            "insert into kernel.mail (id, attempt, sent_at) values ('{0}', 1, now() - interval '2 days')",
            "delete from kernel.mail"
        );
        yield return Old(
            "house.ages",
            "keep the answer to a request",
            @"insert into kernel.saved_answer (workspace_id, id, fingerprint, status, answer, expires_at) values ('{0}', '{0}', '', 200, '\x{1}', now() - interval '1 day')",
            "delete from kernel.saved_answer"
        );
        yield return Old(
            "house.ages",
            "keep the answer to a request for years to come",
            @"insert into kernel.saved_answer (workspace_id, id, fingerprint, status, answer, expires_at) values ('{0}', '{0}', '', 200, '\x{1}', now() + interval '1 year')",
            "delete from kernel.saved_answer"
        );
        yield return Old(
            "house.ages",
            "keep counts of requests",
            "insert into kernel.rate_window (subject, begun_at, taken) values ('{0}', now() - interval '1 day', 1)",
            "delete from kernel.rate_window where subject = '{0}'"
        );
        yield return Old(
            "house.ages",
            "keep a file that belongs to nothing",
            "insert into kernel.blob (workspace_id, id, key, created_at) values ('{0}', '{0}', '', now() - interval '2 days')",
            "delete from kernel.blob"
        );
    }

    private static IEnumerable<Sabotage> Lives()
    {
        Sabotage Left(string does, string breaks, string mends) => Sabotage.Sql("house.lives", "kept_while", does, breaks, mends);

        yield return Left(
            "keep the address of somebody who left every workspace",
            "insert into accounts.login (id, email, created_at) values (gen_random_uuid(), 'left@example.org', now() - interval '3 days')",
            "delete from accounts.login where email = 'left@example.org'"
        );
        yield return Left(
            "keep a recovery code of somebody who left",
            "insert into accounts.login (id, email, created_at) values ('00000000-0000-0000-0000-000000000007', 'gone@example.org', now() - interval '3 days'); insert into accounts.recovery_code (login_id, code_hash) values ('00000000-0000-0000-0000-000000000007', 'x')",
            "delete from accounts.recovery_code; delete from accounts.login where email = 'gone@example.org'"
        );
        yield return Left(
            "keep a member without an address to sign in by",
            "insert into accounts.member (workspace_id, id, login_id, email, name, role) values ('{0}', gen_random_uuid(), gen_random_uuid(), 'ghost@example.org', 'Ghost', 'agent')",
            "delete from accounts.member where email = 'ghost@example.org'"
        );
        yield return Left(
            "keep when somebody was here who left",
            "insert into inbox.presence (workspace_id, member_id, seen_at) values ('{0}', gen_random_uuid(), now() - interval '3 days')",
            "delete from inbox.presence"
        );
        yield return Left(
            "keep the key of a closed workspace",
            "update kernel.workspace set closed_at = now() - interval '8 days' where id = '{0}'",
            "update kernel.workspace set closed_at = null where id = '{0}'"
        );
        yield return Left(
            "let uploads outlive their source",
            "alter table knowledge.upload drop constraint upload_workspace_id_source_id_fkey",
            "alter table knowledge.upload add constraint upload_workspace_id_source_id_fkey foreign key (workspace_id, source_id) references knowledge.source (workspace_id, id) on delete cascade"
        );
        yield return Left(
            "write about somebody where nothing ends",
            "alter table kernel.installation add column note text",
            "alter table kernel.installation drop column note"
        );
    }

    private static IEnumerable<Sabotage> Tokens()
    {
        Sabotage Long(string does, string breaks, string mends) => Sabotage.Sql("house.tokens", "token_lifetime", does, breaks, mends);
        const string Session =
            "insert into accounts.session (id, token_hash, login_id, current_workspace_id, state, verified_at, expires_at) values ('{0}', 'x', '{0}', '{0}', ";

        yield return Long(
            "let a link for signing in be valid for an hour",
            "insert into accounts.sign_in_link (token_hash, login_id, return_path, expires_at) values ('x', '{0}', '/', now() + interval '1 hour')",
            "delete from accounts.sign_in_link"
        );
        yield return Long(
            "let a session be valid for a year",
            Session + "'open', now(), now() + interval '1 year')",
            "delete from accounts.session"
        );
        yield return Long(
            "let a half-open session wait for a day",
            Session + "'second_factor', now(), now() + interval '1 day')",
            "delete from accounts.session"
        );
        yield return Long(
            "let a proof count as if it were of tomorrow",
            Session + "'open', now() + interval '1 day', now() + interval '1 hour')",
            "delete from accounts.session"
        );
        yield return Long(
            "let a passkey be asked for a day",
            "insert into accounts.passkey_ceremony (id, browser_hash, kind, state, expires_at) values ('{0}', 'x', 'verify', '', now() + interval '1 day')",
            "delete from accounts.passkey_ceremony"
        );
        yield return Long(
            "let an invitation be valid for a year",
            "insert into accounts.invitation (workspace_id, id, email, role, token_hash, expires_at) values ('{0}', '{0}', 'a@example.org', 'agent', 'x', now() + interval '1 year')",
            "delete from accounts.invitation"
        );
        yield return Long(
            "let a visitor's token be valid for a year",
            "update inbox.visitor set token_expires_at = now() + interval '1 year'",
            "update inbox.visitor set token_expires_at = null"
        );
        yield return Long(
            "believe a site's signature of last week",
            "update inbox.visitor set identity_signed_at = now() - interval '7 days', identity_believed_at = now()",
            "update inbox.visitor set identity_signed_at = null, identity_believed_at = null"
        );
    }
}
