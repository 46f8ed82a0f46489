-- Purchases of credits, what payment providers said of them, and receipts.

create table billing.purchase (
  workspace_id uuid not null references kernel.workspace (id),
  id uuid not null,
  package text not null check (package ~ '^[a-z0-9-]{1,40}$'),
  credits int not null check (credits > 0),
  amount bigint not null check (amount > 0),
  currency text not null check (currency ~ '^[A-Z]{3}$'),
  provider text not null check (provider ~ '^[a-z]{1,20}$'),
  reference text check (length(reference) <= 200),
  state text not null check (state in ('open', 'paid', 'expired', 'partly_refunded', 'refunded', 'disputed', 'mismatch')),
  refunded bigint not null default 0 check (refunded between 0 and amount),
  at timestamptz not null,
  paid_at timestamptz,
  primary key (workspace_id, id)
);
select kernel.protect('billing.purchase', 'select, insert');
grant update (reference, state, refunded, paid_at) on billing.purchase to tenet_app;
create index purchase_by_time on billing.purchase (workspace_id, at desc);

create table billing.payment_notice (
  workspace_id uuid not null,
  id uuid not null,
  purchase_id uuid not null,
  provider text not null,
  event_id text not null check (length(event_id) <= 200),
  event text not null check (event in ('paid', 'refunded', 'disputed', 'dispute_won', 'expired')),
  amount bigint not null,
  at timestamptz not null,
  primary key (workspace_id, id),
  foreign key (workspace_id, purchase_id) references billing.purchase (workspace_id, id) on delete cascade
);
select kernel.protect('billing.payment_notice', 'select, insert');
create unique index payment_notice_once on billing.payment_notice (workspace_id, provider, event_id);
create index payment_notice_of_purchase on billing.payment_notice (workspace_id, purchase_id);

create table billing.receipt (
  workspace_id uuid not null,
  id uuid not null,
  purchase_id uuid not null,
  number int not null check (number > 0),
  amount bigint not null check (amount <> 0),
  currency text not null,
  item text not null check (length(item) <= 80),
  credits int not null,
  seller text not null check (length(seller) <= 500),
  buyer text not null check (length(buyer) <= 200),
  provider text not null,
  reference text not null,
  at timestamptz not null,
  primary key (workspace_id, id),
  foreign key (workspace_id, purchase_id) references billing.purchase (workspace_id, id) on delete cascade
);
select kernel.protect('billing.receipt', 'select, insert');
create unique index receipt_by_number on billing.receipt (workspace_id, number);
create index receipt_of_purchase on billing.receipt (workspace_id, purchase_id);

create trigger only_added_to before update or delete on billing.payment_notice for each row execute function billing.refuse_change();
create trigger only_added_to before update or delete on billing.receipt for each row execute function billing.refuse_change();
create trigger only_added_to before delete on billing.purchase for each row execute function billing.refuse_change();

select billing.keep_seven_years('billing.purchase');
select billing.keep_seven_years('billing.payment_notice');
select billing.keep_seven_years('billing.receipt');
