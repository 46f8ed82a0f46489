using Tenet.Kernel.Policies;
using Tenet.Kernel.Workspaces;

namespace Tenet.Billing.Ledger;

/// <summary>The book of credits adds up, lacks no booking, and cannot be rewritten by the program.</summary>
internal sealed class CreditLedger()
    : ClaimKind(
        "credit_ledger",
        "Each booking of credits is zero over its accounts, follows the one before without a gap, and can be neither changed nor deleted by the program."
    )
{
    // Over the whole book, by its keys. Each gives a sentence per violation, without an amount.
    private static readonly Sql Books = Sql.Constant(
        """
        select 'Booking ' || number || ' does not add up.'
          from (select t.number, t.amount, coalesce(sum(e.amount), 1) as total, coalesce(sum(e.amount) filter (where e.amount > 0), 0) as moved
                  from billing.transaction t left join billing.entry e on e.number = t.number
                 group by t.number, t.amount) as booked
         where total <> 0 or moved <> amount
        union all
        select 'The balance of ' || account || ' does not follow at booking ' || number || '.'
          from (select account, number, balance - amount as began, lag(balance) over (partition by account order by number) as ended
                  from billing.entry) as chain
         where began <> ended
        union all
        select 'Before booking ' || number || ' one is missing.'
          from (select number, lag(number) over (order by number) as previous from billing.transaction) as row
         where number <> previous + 1
        union all
        select 'The account ' || account || ' is below zero at booking ' || number || '.'
          from billing.entry where balance < 0 and account in ('available', 'held', 'spent')
        union all
        select 'What booking ' || number || ' set aside was neither spent nor given back.'
          from billing.transaction r
         where kind = 'reserved' and at < now() - interval '1 day'
           and not exists (select from billing.transaction e where e.subject_id = r.subject_id and e.kind in ('settled', 'released'))
         limit 20
        """
    );

    private static readonly Sql Locks = Sql.Constant(
        """
        select 'The program may ' || lower(privilege) || ' rows of ' || name || '.'
          from unnest(array['billing.transaction', 'billing.entry']) as name, unnest(array['UPDATE', 'DELETE', 'TRUNCATE']) as privilege
         where has_table_privilege('tenet_app', name, privilege) or (privilege = 'UPDATE' and has_any_column_privilege('tenet_app', name, privilege))
        union all
        select 'The trigger ' || wanted.name || ' of ' || wanted.place || ' is missing or switched off.'
          from (values ('billing.transaction', 'only_added_to'), ('billing.entry', 'only_added_to'),
                       ('billing.transaction', 'balanced'), ('billing.entry', 'balanced')) as wanted(place, name)
         where not exists (select from pg_trigger t where t.tgrelid = wanted.place::regclass and t.tgname = wanted.name and t.tgenabled = 'O')
        """
    );

    public override string Limits =>
        "It adds up the bookings that are there. Who rewrites the end of the book as the database's owner, balances and all, is shown by the audit trail only.";

    public override Task<Finding> ProbeAsync(ProbeRun run, Claim claim, CancellationToken ct) =>
        run.LookAsync(
            async ctx =>
            {
                var violations = await ctx.ListAsync(Books, row => row.GetString(0), ct);
                violations.AddRange(await ctx.ListAsync(Locks, row => row.GetString(0), ct));
                var bookings = await ctx.ScalarAsync<long>($"select count(*) from billing.transaction", ct);
                return Finding.Of(
                    violations,
                    $"{bookings} bookings add up to zero, none is missing, and the program may only add to them.",
                    bookings,
                    $"{Books} {Locks}"
                );
            },
            ct
        );
}
