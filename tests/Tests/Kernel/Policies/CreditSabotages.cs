namespace Tenet.Tests.Kernel.Policies;

internal static partial class Sabotages
{
    private static IEnumerable<Sabotage> Credits()
    {
        // As the database's owner one can switch the triggers off; two bookings of five are in the book.
        const string Off = "set session_replication_role = replica; ";
        const string On = "; set session_replication_role = origin";
        const string Booked =
            "insert into billing.transaction (workspace_id, number, kind, subject_id, amount, at) select '{0}', n, 'granted', gen_random_uuid(), 5, now() from generate_series(1, 3) n; insert into billing.entry (workspace_id, account, number, amount, balance, at) select '{0}', a, n, s * 5, s * 5 * n, now() from generate_series(1, 3) n, (values ('available', 1), ('given', -1)) leg(a, s); ";
        const string Mended = Off + "delete from billing.entry; delete from billing.transaction" + On;

        Sabotage Edit(string promise, string does, string breaks) =>
            Sabotage.Sql(promise, "credit_ledger", does, Off + Booked + breaks + On, Mended);

        yield return Edit(
            "copilot.28",
            "edit an amount of credits that was booked",
            "update billing.entry set amount = 6 where number = 2 and account = 'available'"
        );
        yield return Edit(
            "house.credits",
            "edit a booking and its balance",
            "update billing.entry set amount = 9 * sign(amount), balance = balance + 4 * sign(amount) where number = 2; update billing.transaction set amount = 9 where number = 2"
        );
        yield return Edit(
            "house.credits",
            "book credits that come from nowhere",
            "delete from billing.entry where number = 3 and account = 'given'"
        );
        yield return Edit(
            "house.credits",
            "take a booking out of the book",
            "delete from billing.entry where number = 2; delete from billing.transaction where number = 2; update billing.entry set balance = amount * 2 where number = 3"
        );
        yield return Edit(
            "house.credits",
            "never end a reservation",
            "update billing.transaction set kind = 'reserved', at = now() - interval '2 days' where number = 3"
        );
        yield return Sabotage.Sql(
            "house.credits",
            "credit_ledger",
            "let the program change the book",
            "grant update on billing.entry to tenet_app",
            "revoke update on billing.entry from tenet_app"
        );
        yield return Sabotage.Sql(
            "house.credits",
            "credit_ledger",
            "switch off what keeps the book from changes",
            "alter table billing.transaction disable trigger only_added_to",
            "alter table billing.transaction enable trigger only_added_to"
        );
        yield return Sabotage.Sql(
            "copilot.22",
            "retention",
            "keep a booking for longer than seven years",
            "insert into billing.transaction (workspace_id, number, kind, subject_id, amount, at) values ('{0}', 1, 'granted', '{0}', 5, now() - interval '7 years 1 day'); insert into billing.entry (workspace_id, account, number, amount, balance, at) select '{0}', a, 1, s * 5, s * 5, now() - interval '7 years 1 day' from (values ('available', 1), ('given', -1)) leg(a, s)",
            "delete from billing.transaction"
        );
        yield return Sabotage.Sql(
            "operations.18",
            "retention",
            "keep a purchase for longer than seven years",
            "insert into billing.purchase (workspace_id, id, package, credits, amount, currency, provider, state, at) values ('{0}', '{0}', 'small', 1, 1, 'EUR', 'stripe', 'open', now() - interval '7 years 1 day')",
            "delete from billing.purchase"
        );
        yield return Sabotage.Sql(
            "copilot.7",
            "kept_only",
            "give purchases a column for cards",
            "alter table billing.purchase add column card text",
            "alter table billing.purchase drop column card"
        );
        yield return Sabotage.Sql(
            "house.credits",
            "charged_answers_only",
            "charge a turn that failed",
            Off
                + "insert into billing.transaction (workspace_id, number, kind, subject_id, amount, at) values ('{0}', 1, 'settled', '{0}', 5, now()); insert into odoo.turn (workspace_id, id, session_id, uid, state, started_at, completed_at) values ('{0}', '{0}', '{0}', 7, 'failed', now(), now())"
                + On,
            Off + "delete from odoo.turn; delete from billing.entry; delete from billing.transaction" + On
        );
    }
}
