namespace Tenet.Tests.Kernel.Policies;

/// <summary>Every sabotage, with the promise that it must break. The list in docs/sabotage.md is written from this one.</summary>
internal static partial class Sabotages
{
    private const string Bound = "(select nullif(current_setting('tenet.workspace', true), '')::uuid)";

    public static IReadOnlyList<Sabotage> All { get; } =
    [
        .. Isolation(),
        .. Columns(),
        .. Rows(),
        .. Ages(),
        .. Lives(),
        .. Tokens(),
        .. Trail(),
        .. Lifecycle(),
        .. Outside(),
        .. Requests(),
        .. Consents(),
        .. Credits(),
        .. Marketing(),
        .. Children(),
    ];

    private static IEnumerable<Sabotage> Isolation()
    {
        Sabotage Break(string promise, string does, string breaks, string mends) => Sabotage.Sql(promise, "isolation", does, breaks, mends);

        yield return Break(
            "crm.16",
            "switch row-level security off",
            "alter table inbox.message disable row level security",
            "alter table inbox.message enable row level security"
        );
        yield return Break(
            "widget.13",
            "let the owner of a table around its policies",
            "alter table inbox.message no force row level security",
            "alter table inbox.message force row level security"
        );
        yield return Break(
            "copilot.16",
            "add a policy that shows every row",
            "create policy leak on inbox.message to tenet_app using (true)",
            "drop policy leak on inbox.message"
        );
        yield return Break(
            "house.isolation",
            "drop the policy of a table",
            "drop policy workspace on inbox.visitor",
            $"create policy workspace on inbox.visitor to tenet_app using (workspace_id = {Bound})"
        );
        yield return Break(
            "widget.33",
            "make a view that reads as its owner",
            "create view inbox.peek as select * from inbox.message",
            "drop view inbox.peek"
        );
        yield return Break(
            "crm.16",
            "make a materialized view",
            "create materialized view inbox.peeked as select * from inbox.message",
            "drop materialized view inbox.peeked"
        );
        yield return Break(
            "crm.16",
            "let everybody read a table",
            "grant select on inbox.message to public",
            "revoke select on inbox.message from public"
        );
        yield return Break(
            "widget.13",
            "let the application truncate",
            "grant truncate on inbox.message to tenet_app",
            "revoke truncate on inbox.message from tenet_app"
        );
        yield return Break(
            "crm.16",
            "let everybody create in a schema",
            "grant create on schema inbox to public",
            "revoke create on schema inbox from public"
        );
        yield return Break(
            "crm.16",
            "grant BYPASSRLS to the application's role",
            "alter role tenet_app bypassrls",
            "alter role tenet_app nobypassrls"
        );
        yield return Break(
            "copilot.16",
            "let the application's role make roles",
            "alter role tenet_app createrole",
            "alter role tenet_app nocreaterole"
        );
        yield return Break(
            "crm.16",
            "make the application's role a member of one that reads everything",
            "grant pg_read_all_data to tenet_app",
            "revoke pg_read_all_data from tenet_app"
        );
        yield return Break(
            "crm.16",
            "make a function with its owner's rights",
            "create function kernel.peek() returns bigint language sql security definer as 'select count(*) from inbox.message'",
            "drop function kernel.peek()"
        );
        yield return Break(
            "widget.13",
            "make a unique index over all workspaces",
            "create unique index leak on inbox.visitor (id)",
            "drop index inbox.leak"
        );
        yield return Break(
            "crm.16",
            "exclude rows over all workspaces",
            "alter table inbox.presence add constraint leak exclude (seen_at with =)",
            "alter table inbox.presence drop constraint leak"
        );
        yield return Break(
            "crm.16",
            "refer into other workspaces",
            "alter table inbox.presence add constraint leak foreign key (member_id) references accounts.login (id) not valid",
            "alter table inbox.presence drop constraint leak"
        );
        yield return Break(
            "copilot.16",
            "let rows belong to no workspace by default",
            "alter table inbox.message alter column workspace_id drop default",
            "alter table inbox.message alter column workspace_id set default kernel.workspace()"
        );
        yield return Break(
            "crm.16",
            "add a table without protection",
            "create table inbox.extra (id int primary key)",
            "drop table inbox.extra"
        );
    }

    private static IEnumerable<Sabotage> Columns()
    {
        Sabotage Add(string promise, string kind, string does, string table, string column) =>
            Sabotage.Sql(
                promise,
                kind,
                does,
                $"alter table {table} add column {column}",
                $"alter table {table} drop column {column.Split(' ')[0]}"
            );

        yield return Add("crm.2", "kept_only", "keep a phone number of who signs in", "accounts.login", "phone text");
        yield return Add("widget.6", "kept_only", "keep where a visitor writes from", "inbox.message", "place text");
        yield return Add("operations.5", "kept_only", "keep the fingerprint of a browser", "accounts.session", "fingerprint text");
        yield return Add("crm.3", "only_in", "keep an IP address elsewhere", "inbox.visitor", "ip inet");
        yield return Add("house.passwords", "never_stored", "make a column for passwords", "accounts.login", "password text");
        yield return Add("operations.4", "never_stored", "make a column for card numbers", "inbox.visitor", "card_number text");
        yield return Add("copilot.1", "never_stored", "make a column for what a tool answered", "odoo.tool_call", "answer jsonb");
        yield return Add(
            "copilot.2",
            "never_stored",
            "make a column for a note of fifty characters",
            "odoo.turn",
            "note text check (length(note) < 50)"
        );
        yield return Sabotage.Sql(
            "copilot.1",
            "never_stored",
            "let a title be any text",
            "alter table odoo.session drop constraint session_title_check",
            "alter table odoo.session add constraint session_title_check check (title ~ '^[a-z_]{1,40}$')"
        );
    }

    private static IEnumerable<Sabotage> Rows()
    {
        const string Widget =
            "insert into inbox.widget (workspace_id, id, key, name, color, position, theme, language, greeting, identity_secret, updated_at) values ('{0}', '{0}', 'k', 'n', '#000000', 'right', 'auto', 'en', '', ";
        const string NoWidget = "delete from inbox.widget";
        const string Settings =
            "insert into assistant.settings (workspace_id, id, provider, model, base_url, key, key_ending, max_output_tokens, over_budget, changed_at) values ('{0}', '{0}', ";
        const string NoSettings = "delete from assistant.settings";
        const string Turn =
            "insert into assistant.turn (workspace_id, id, origin, state, started_at, completed_at, provider, data_classes) values ('{0}', '{0}', 'conversation', 'answered', now(), now(), ";
        const string NoTurn = "delete from assistant.turn";
        const string Source =
            "insert into knowledge.source (workspace_id, id, kind, name, url, state, crawl, crawl_started_at, created_at) values ('{0}', '{0}', 'site', 's', 'https://shop.example/', 'ready', 1, now() - interval '1 hour', now());";

        yield return Sabotage.Sql(
            "crm.13",
            "envelope_encryption",
            "store a model's key as plain text",
            Settings + "'openai', 'm', '', 'sk-plain-text', 'text', 100, 'from_pages', now())",
            NoSettings
        );
        yield return Sabotage.Sql(
            "widget.2",
            "envelope_encryption",
            "store a widget's secret as plain text",
            Widget + "'secret', now())",
            NoWidget
        );
        yield return Sabotage.Sql(
            "copilot.15",
            "envelope_encryption",
            "flip a byte of a sealed value",
            Widget + @"set_byte('\x{1}'::bytea, 0, 255), now())",
            NoWidget
        );
        yield return Sabotage.Sql(
            "operations.26",
            "envelope_encryption",
            "cut a sealed value off",
            Widget + @"substring('\x{1}'::bytea from 1 for 3), now())",
            NoWidget
        );
        yield return Sabotage.Sql(
            "copilot.12",
            "provider_choice",
            "choose a provider that is not named",
            Settings + "'mistral', 'm', '', null, null, 100, 'from_pages', now())",
            NoSettings
        );
        yield return Sabotage.Sql(
            "copilot.12",
            "provider_choice",
            "ask a provider that is not named",
            Turn + "'grok', '{user.content.private}')",
            NoTurn
        );
        yield return Sabotage.Sql(
            "operations.12",
            "content_context",
            "send contacts to a model",
            Turn + "'openai', '{user.contact.email}')",
            NoTurn
        );
        yield return Sabotage.Sql(
            "operations.12",
            "content_context",
            "send credentials to a model beside the conversation",
            Turn + "'openai', '{user.content.private,system.credentials}')",
            NoTurn
        );
        yield return Sabotage.Sql(
            "widget.7",
            "crawl_authorised",
            "read a site without authorisation",
            Source,
            "delete from knowledge.source"
        );
        yield return Sabotage.Sql(
            "widget.7",
            "crawl_authorised",
            "read a site before it was authorised",
            Source
                + "insert into knowledge.crawl_authorisation (workspace_id, id, source_id, host, method, proven_at) values ('{0}', '{0}', '{0}', 'shop.example', 'meta', now())",
            "delete from knowledge.crawl_authorisation; delete from knowledge.source"
        );
        yield return Sabotage.Sql(
            "operations.10",
            "signed_identity",
            "believe an identity that nobody signed",
            "update inbox.visitor set external_id = '7', verified = false",
            "update inbox.visitor set external_id = null"
        );
        yield return Sabotage.Sql(
            "operations.4",
            "never_stored",
            "keep the number of a card in a message",
            "insert into inbox.conversation (workspace_id, id, visitor_id, channel, state, mode, last_seq, last_message_at, preview, created_at) values ('{0}', '{0}', '{0}', 'widget', 'open', 'ai', 1, now(), '', now()); insert into inbox.message (workspace_id, conversation_id, seq, id, author, kind, text, at) values ('{0}', '{0}', 1, '{0}', 'visitor', 'message', 'my card is 4111 1111 1111 1111', now())",
            "delete from inbox.message; delete from inbox.conversation"
        );
        yield return Sabotage.Sql(
            "widget.12",
            "second_factor",
            "open a session without the factor that the workspace asks for",
            "insert into accounts.sign_in_policy (workspace_id, requires_factor) values ('{0}', true); insert into accounts.session (id, token_hash, login_id, current_workspace_id, expires_at) values ('{0}', 'x', '{0}', '{0}', now() + interval '1 hour')",
            "delete from accounts.session; delete from accounts.sign_in_policy"
        );
    }
}
