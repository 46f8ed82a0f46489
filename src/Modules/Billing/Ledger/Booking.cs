using Tenet.Kernel.Workspaces;

namespace Tenet.Billing.Ledger;

/// <summary>
/// The statements that add to a workspace's book, each to be run after <see cref="Lock"/> in the same transaction: bookings of a workspace go one
/// after the other, so that numbers have no gaps and no balance is read twice. Nothing is booked twice for the same subject.
/// </summary>
internal static class Booking
{
    /// <summary>Held until the transaction ends. A statement of its own: the next one sees what others booked meanwhile.</summary>
    public static Sql Lock(Guid workspaceId) =>
        $"select true from pg_advisory_xact_lock(hashtextextended({"billing:" + workspaceId.ToString("N")}, 0))";

    /// <summary>Sets credits aside for a turn. One row when it is done; none when there are too few, or it was done before.</summary>
    public static Sql Reserve(Guid turn, Credits price, DateTimeOffset at) =>
        Book(
            TransactionKind.Reserved,
            turn,
            at,
            Move(Account.Available, Account.Held, price),
            $"{Balance(Account.Available)} >= {price.Millionths}"
        );

    /// <summary>The answer was given: what was set aside for it is spent.</summary>
    public static Sql Settle(Guid turn, DateTimeOffset at) =>
        Book(TransactionKind.Settled, turn, at, HeldFor(turn, Account.Spent), IsOpen(turn));

    /// <summary>There was no answer, or none that counts: what was set aside is back.</summary>
    public static Sql Release(Guid turn, DateTimeOffset at) =>
        Book(TransactionKind.Released, turn, at, HeldFor(turn, Account.Available), IsOpen(turn));

    public static Sql Grant(Guid grant, Credits credits, DateTimeOffset at) =>
        Book(TransactionKind.Granted, grant, at, Move(Account.Given, Account.Available, credits), $"true");

    public static Sql Buy(Guid purchase, Credits credits, DateTimeOffset at) =>
        Book(TransactionKind.Bought, purchase, at, Move(Account.Sold, Account.Available, credits), $"true");

    /// <summary>The money went back: so do the credits, as far as they are there. What is spent already is written off.</summary>
    public static Sql Reverse(Guid refund, Credits credits, DateTimeOffset at)
    {
        Sql taken = $"least({Balance(Account.Available)}, {credits.Millionths})";
        return Book(
            TransactionKind.Reversed,
            refund,
            at,
            $"""
            select account, amount from (values
              ({Account.Sold}::text, {credits.Millionths}::bigint),
              ({Account.Available}::text, -{taken}),
              ({Account.WrittenOff}::text, {taken} - {credits.Millionths})) as leg(account, amount)
             where amount <> 0
            """,
            $"true"
        );
    }

    /// <summary>A dispute was won: what was reversed for it, the other way round.</summary>
    public static Sql Restore(Guid reversed, DateTimeOffset at) =>
        Book(
            TransactionKind.Restored,
            reversed,
            at,
            $"""
            select e.account, -e.amount as amount from billing.entry e join billing.transaction t on t.number = e.number
             where t.subject_id = {reversed} and t.kind = 'reversed'
            """,
            $"true"
        );

    public static Sql Balance(Account account) =>
        $"coalesce((select balance from billing.entry where account = {account} order by number desc limit 1), 0)";

    private static Sql IsOpen(Guid turn) =>
        $"not exists (select from billing.transaction where subject_id = {turn} and kind in ('settled', 'released'))";

    private static Sql Move(Account from, Account to, Credits credits) =>
        $"select account, amount from (values ({from}::text, -{credits.Millionths}::bigint), ({to}::text, {credits.Millionths}::bigint)) as leg(account, amount)";

    private static Sql HeldFor(Guid turn, Account to) =>
        $"""
            select leg.account, leg.sign * t.amount as amount
              from billing.transaction t, (values ({Account.Held}::text, -1), ({to}::text, 1)) as leg(account, sign)
             where t.subject_id = {turn} and t.kind = 'reserved'
            """;

    private static Sql Book(TransactionKind kind, Guid subject, DateTimeOffset at, Sql legs, Sql allowed) =>
        $"""
            with leg as materialized ({legs}),
            booked as (
              insert into billing.transaction (number, kind, subject_id, amount, at)
              select coalesce((select number from billing.transaction order by number desc limit 1), 0) + 1, {kind}, {subject},
                     (select sum(amount) from leg where amount > 0), {at}
               where exists (select from leg) and {allowed}
              on conflict do nothing
              returning number)
            insert into billing.entry (account, number, amount, balance, at)
            select leg.account, booked.number, leg.amount,
                   coalesce((select e.balance from billing.entry e where e.account = leg.account order by e.number desc limit 1), 0) + leg.amount, {at}
              from booked, leg
            returning number
            """;
}
