namespace Tenet.Tests.Kernel.Policies;

internal static partial class Sabotages
{
    private static IEnumerable<Sabotage> Lifecycle()
    {
        const string Closed = "00000000-0000-7000-8000-000000000c05";
        yield return Sabotage.Sql(
            "house.closing",
            "workspace_purge",
            "keep rows of a workspace that was closed",
            $"""
            insert into kernel.workspace (id, name, slug, closed_at) values ('{Closed}', 'Old', 'closed-long-ago', now() - interval '8 days');
            insert into kernel.swept_rows (workspace_id, rule, day, rows, keep, last_at) values ('{Closed}', 'x', current_date, 1, '1 day', now())
            """,
            $"delete from kernel.swept_rows where workspace_id = '{Closed}'; delete from kernel.workspace where id = '{Closed}'"
        );
        yield return Sabotage.Sql(
            "crm.23",
            "workspace_export",
            "add a table that is in no copy",
            "create table inbox.lost (workspace_id uuid, id uuid, primary key (workspace_id, id)); select kernel.protect('inbox.lost')",
            "drop table inbox.lost"
        );
        yield return Sabotage.Sql(
            "crm.19",
            "workspace_export",
            "leave somebody waiting for their copy",
            "insert into privacy.workspace_export (workspace_id, id, state, token_hash, created_at, expires_at) values ('{0}', '{0}', 'waiting', 'x', now() - interval '2 hours', now() + interval '7 days')",
            "delete from privacy.workspace_export"
        );
        const string Breach =
            "insert into privacy.breach (workspace_id, id, number, state, is_drill, is_operators, title, what, tables, aware_at, authority_due_at, customers_due_at, authority_told_at) values ('{0}', '{0}', 1, 'suspected', false, ";
        yield return Sabotage.Sql(
            "widget.35",
            "breach_clock",
            "keep a breach from the authority",
            Breach + "false, 'x', 'x', '{}', now() - interval '73 hours', now() - interval '1 hour', now(), null)",
            "delete from privacy.breach"
        );
        yield return Sabotage.Sql(
            "house.breaches",
            "breach_clock",
            "tell the authority late and do not say why",
            Breach + "false, 'x', 'x', '{}', now() - interval '80 hours', now() - interval '8 hours', now(), now())",
            "delete from privacy.breach"
        );
        yield return Sabotage.Sql(
            "widget.15",
            "breach_clock",
            "keep a breach from the customers",
            Breach + "true, 'x', 'x', '{}', now() - interval '25 hours', now() + interval '47 hours', now() - interval '1 hour', null)",
            "delete from privacy.breach"
        );
        const string Erasure =
            "insert into privacy.erasure (workspace_id, id, reference, ground, state, created_at, completed_at, certificate) values ('{0}', '{0}', 'x', 'request', ";
        const string NoErasure = "delete from privacy.erasure where id = '{0}'";
        yield return Sabotage.Sql(
            "widget.24",
            "erasure_deadline",
            "leave an erasure lying for two days",
            Erasure + "'recorded', now() - interval '2 days', null, null)",
            NoErasure
        );
        yield return Sabotage.Sql(
            "house.erasures",
            "erasure_deadline",
            "finish an erasure after four days",
            Erasure + "'done', now() - interval '5 days', now() - interval '1 day', '{}')",
            NoErasure
        );
        yield return Sabotage.Sql(
            "widget.28",
            "erasure_deadline",
            "leave a verified wish to be erased for 31 days",
            ErasureRequest
                + "'verified', 'form', 'link', 'en', false, now() - interval '31 days', now() - interval '32 days', now(), now(), now(), now(), now() + interval '1 day', null, null)",
            NoRequest
        );
        yield return Sabotage.Sql(
            "operations.23",
            "erasure_deadline",
            "let the longer term of a wish to be erased pass",
            ErasureRequest
                + "'verified', 'form', 'link', 'en', false, now() - interval '89 days', now() - interval '90 days', now(), now(), now(), now(), now() - interval '1 day', now() - interval '70 days', null)",
            NoRequest
        );
    }

    private static string ErasureRequest => Request.Replace("'access'", "'erasure'", StringComparison.Ordinal);
}
