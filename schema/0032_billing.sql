-- Credits: an account book that is only added to. Each transaction has entries whose amounts are zero together; amounts are whole millionths of
-- a credit. Rows may be deleted after seven years, by the second role's sweep; before that nobody changes or deletes one.

create schema billing;
grant usage on schema billing to tenet_app;

create table billing.transaction (
  workspace_id uuid not null references kernel.workspace (id),
  number bigint not null check (number > 0),
  kind text not null check (kind in ('granted', 'bought', 'reserved', 'settled', 'released', 'reversed', 'restored')),
  subject_id uuid not null,
  amount bigint not null check (amount > 0),
  at timestamptz not null,
  primary key (workspace_id, number)
);
select kernel.protect('billing.transaction', 'select, insert');
-- What was booked is booked once.
create unique index transaction_once on billing.transaction (workspace_id, subject_id, kind);
-- A reservation ends once, by being spent or by being given back.
create unique index reservation_ends_once on billing.transaction (workspace_id, subject_id) where kind in ('settled', 'released');
create index transaction_by_time on billing.transaction using brin (at);

-- What somebody may spend is never below zero, whoever books it.
create table billing.entry (
  workspace_id uuid not null,
  account text not null check (account in ('available', 'held', 'spent', 'sold', 'given', 'written_off')),
  number bigint not null,
  amount bigint not null check (amount <> 0),
  balance bigint not null check (balance >= 0 or account not in ('available', 'held', 'spent')),
  at timestamptz not null,
  primary key (workspace_id, account, number),
  foreign key (workspace_id, number) references billing.transaction (workspace_id, number) on delete cascade
);
select kernel.protect('billing.entry', 'select, insert');
create index entry_of_transaction on billing.entry (workspace_id, number);

create function billing.refuse_change() returns trigger
language plpgsql as $$
begin
  if tg_op = 'DELETE' and old.at < now() - interval '7 years' then
    return old;
  end if;
  raise exception '% is only added to; its rows may be deleted after seven years.', tg_table_name using errcode = 'restrict_violation';
end $$;

create function billing.balance_transaction() returns trigger
language plpgsql as $$
begin
  if (select sum(amount) from billing.entry where workspace_id = new.workspace_id and number = new.number) is distinct from 0 then
    raise exception 'The entries of a transaction must be zero together.' using errcode = 'check_violation';
  end if;
  return null;
end $$;

create trigger only_added_to before update or delete on billing.transaction for each row execute function billing.refuse_change();
create trigger only_added_to before update or delete on billing.entry for each row execute function billing.refuse_change();
create constraint trigger balanced after insert on billing.entry deferrable initially deferred
  for each row execute function billing.balance_transaction();
-- A transaction without entries moves nothing and must not be.
create constraint trigger balanced after insert on billing.transaction deferrable initially deferred
  for each row execute function billing.balance_transaction();

-- Financial records outlive their workspace: its purge does not reach them, age does.
create function billing.keep_seven_years(target regclass) returns void
language plpgsql as $$
begin
  execute format('drop policy purge on %s', target);
  execute format('revoke all on %s from tenet_system', target);
  execute format('create policy aged on %s to tenet_system using (at < now() - interval ''7 years'')', target);
  execute format('grant select (workspace_id, at, ctid), delete on %s to tenet_system', target);
end $$;
revoke execute on function billing.keep_seven_years from public;

select billing.keep_seven_years('billing.transaction');
select billing.keep_seven_years('billing.entry');
