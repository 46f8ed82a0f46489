namespace Tenet.Tests.Kernel.Policies;

internal static partial class Sabotages
{
    private static IEnumerable<Sabotage> Trail()
    {
        Sabotage Forge(string does, string breaks, string mends) => Sabotage.Sql("operations.27", "audit_per_action", does, breaks, mends);
        const string Third = "(select entry_id from audit.link where workspace_id = '{0}' and position = 3)";

        yield return Forge(
            "change what an entry says was done",
            $"update audit.entry set action = 'test.forged' where id = {Third}",
            "update audit.entry set action = 'test.done' where action = 'test.forged'"
        );
        yield return Forge(
            "change who did it",
            $"update audit.entry set actor_id = '{{0}}' where id = {Third}",
            $"update audit.entry set actor_id = null where id = {Third}"
        );
        yield return Forge(
            "change an entry's details",
            $"update audit.entry set details = details || ' ' where id = {Third}",
            $"update audit.entry set details = rtrim(details) where id = {Third}"
        );
        yield return Forge(
            "remove an entry",
            $"create table public.kept as select e.*, 3 as position from audit.entry e where id = {Third}; delete from audit.entry where id = (select id from public.kept)",
            "insert into audit.entry select workspace_id, id, at, actor_kind, actor_id, action, subject_kind, subject_id, details, salt, commitment from public.kept; update audit.link set entry_id = (select id from public.kept) where workspace_id = '{0}' and position = 3; drop table public.kept"
        );
        yield return Forge(
            "cut the end of the trail off",
            "create table public.cut as select * from audit.link where workspace_id = '{0}' and position >= 4; delete from audit.link where workspace_id = '{0}' and position >= 4",
            "insert into audit.link select * from public.cut; drop table public.cut"
        );
        yield return Forge(
            "cut the end off, and the memory of it in the database",
            "create table public.cut as select * from audit.link where workspace_id = '{0}' and position >= 4; delete from audit.link where workspace_id = '{0}' and position >= 4; update audit.head set size = 3, published_size = 3 where workspace_id = '{0}'",
            "insert into audit.link select * from public.cut; update audit.head set size = 5, published_size = 5 where workspace_id = '{0}'; drop table public.cut"
        );
        yield return Forge(
            "change a hash of the chain",
            "update audit.link set hash = set_byte(hash, 0, get_byte(hash, 0) # 1) where workspace_id = '{0}' and position = 4",
            "update audit.link set hash = set_byte(hash, 0, get_byte(hash, 0) # 1) where workspace_id = '{0}' and position = 4"
        );
        yield return Forge(
            "let somebody in without an entry",
            "insert into accounts.member (workspace_id, id, login_id, email, name, role) values ('{0}', gen_random_uuid(), gen_random_uuid(), 'silent@example.org', 'Silent', 'agent')",
            "delete from accounts.member where email = 'silent@example.org'"
        );
        yield return Forge(
            "make an API key without an entry",
            "insert into accounts.api_key (workspace_id, id, role, name, prefix, token_hash, scopes) values ('{0}', '{0}', 'agent', 'k', 'p', 'x', '{inbox:read}')",
            "delete from accounts.api_key"
        );
    }

    private static Sabotage Call(string promise, string does, string tls) =>
        Sabotage.Sql(
            promise,
            "outgoing_transport",
            does,
            $"insert into kernel.recipient (purpose, host, tls, first_at, last_at) values ('models', 'api.example.com', '{tls}', now(), now() + interval '1 minute')",
            "delete from kernel.recipient"
        );

    private static Sabotage History(string does, string rule) =>
        Sabotage.Sql(
            "operations.7",
            "owner_only",
            does,
            "insert into assistant.turn (workspace_id, id, origin, state, started_at, completed_at, provider, model, passages, tokens_in, tokens_out) values ('{0}', '{0}', 'conversation', 'answered', now(), now(), 'excerpts', 'excerpts', 1, 1, 1);"
                + "insert into accounts.member (workspace_id, id, login_id, email, name, role, created_at) values ('{0}', gen_random_uuid(), gen_random_uuid(), 'admin@example.org', 'Admin', 'admin', now() - interval '400 days');"
                + $"create or replace function assistant.shows_history(member uuid) returns boolean language sql stable as '{rule}'",
            "delete from assistant.turn; delete from accounts.member where email = 'admin@example.org';"
                + "create or replace function assistant.shows_history(member uuid) returns boolean language sql stable as 'select exists (select from accounts.member m where m.id = member and m.role = ''owner'')'"
        );

    private static IEnumerable<Sabotage> Outside()
    {
        Sabotage Log(string does, string line) =>
            Sabotage.Of(
                "crm.11",
                "log_contents",
                does,
                host => File.WriteAllText(host.LogFile(0), line + "\n"),
                host => File.Delete(host.LogFile(0))
            );
        Sabotage Lie(string promise, string kind, string does, Action<SabotagedHost> lie) =>
            Sabotage.Of(promise, kind, does, lie, host => (host.Own.Address, host.Own.IsReachedFromOutside) = (host.Address, false));
        void Says(SabotagedHost host, string header) => (host.Liar.Header, host.Own.Address) = (header, host.Liar.Plain);

        yield return Log("write an e-mail address into the log", "somebody@example.org asked");
        yield return Log("write a bearer token into the log", "Authorization: Bearer eyJhbGciOiJIUzI1NiJ9.e30.x");
        yield return Log("write an API key into the log", "used sk-live_0123456789abcdef0123");
        yield return Log("write a password into the log", "password=correct-horse");
        yield return Log("write a session's token into the log", "cookie tenet_session=0123456789012345678901234567890123456789012");
        yield return Sabotage.Of(
            "copilot.23",
            "log_age",
            "keep an old log file",
            host => File.WriteAllText(host.LogFile(40), "{}\n"),
            host => File.Delete(host.LogFile(40))
        );
        yield return Lie("crm.26", "cookies", "set a second cookie", host => Says(host, "Set-Cookie: other=1; HttpOnly\r\n"));
        yield return Lie("widget.22", "cookies", "let scripts read the cookie", host => Says(host, "Set-Cookie: tenet_session=1\r\n"));
        yield return Lie(
            "crm.26",
            "cookies",
            "set the cookie for other hosts",
            host => Says(host, "Set-Cookie: tenet_session=1; HttpOnly; Domain=example.org\r\n")
        );
        yield return Lie("copilot.17", "rate_limit", "remove the limits", host => Says(host, ""));
        yield return Lie("house.limits", "rate_limit", "raise a limit", host => Says(host, "RateLimit-Policy: \"ip\";q=100000;w=60\r\n"));
        yield return Sabotage.Sql(
            "house.limits",
            "message_limit",
            "take a hundred messages of one visitor in a minute",
            "insert into inbox.conversation (workspace_id, id, visitor_id, channel, state, mode, last_seq, last_message_at, preview, created_at) values ('{0}', '{0}', '{0}', 'widget', 'open', 'ai', 1, now(), '', now()); insert into inbox.message (workspace_id, conversation_id, seq, id, author, kind, text, at) select '{0}', '{0}', n, gen_random_uuid(), 'visitor', 'message', 'hello', date_trunc('minute', now()) from generate_series(1, 100) n",
            "delete from inbox.message; delete from inbox.conversation"
        );
        yield return Sabotage.Of(
            "crm.10",
            "error_reports",
            "let a report of an error leave with an address in it",
            host => File.WriteAllText(host.ReportFile(0), "{\"message\":\"somebody@example.org asked\"}\n"),
            host => File.Delete(host.ReportFile(0))
        );
        yield return Sabotage.Of(
            "house.log_contents",
            "error_reports",
            "let a report of an error leave with a bearer token in it",
            host => File.WriteAllText(host.ReportFile(0), "Authorization: Bearer eyJhbGciOiJIUzI1NiJ9.e30.x\n"),
            host => File.Delete(host.ReportFile(0))
        );
        yield return Call("crm.15", "send data out without TLS", "");
        yield return Call("copilot.14", "send data out over an older TLS", "older");
        yield return Call("operations.24", "send data out over TLS 1.2 where 1.3 is promised", "1.2");
        yield return History("show the data of turns to everybody", "select true");
        yield return History(
            "show the data of turns to admins",
            "select exists (select from accounts.member m where m.id = member and m.role in (''owner'', ''admin''))"
        );
        yield return Lie("widget.11", "transport", "speak an older TLS", host => host.Own.Address = host.Liar.Older);
        yield return Lie(
            "operations.24",
            "transport",
            "speak an older TLS where 1.3 is promised",
            host => host.Own.Address = host.Liar.Older
        );
        yield return Lie("crm.15", "transport", "speak plain HTTP to other machines", host => host.Own.IsReachedFromOutside = true);
    }
}
