-- A breach at the operator, the processor, that concerns several workspaces. Only here do they stand together: each workspace has its own part in
-- its own register, and nothing of the others.

create table privacy.operator_breach (
  id uuid primary key,
  number int not null unique,
  state text not null check (state in ('suspected', 'confirmed', 'contained', 'mitigated', 'closed')),
  is_drill boolean not null,
  title text not null,
  what text not null,
  measures text,
  tables text[] not null,
  began_at timestamptz,
  ended_at timestamptz,
  aware_at timestamptz not null,
  late text,
  changed_at timestamptz not null,
  closed_at timestamptz
);
select kernel.direct('privacy.operator_breach', 'select, insert, update');

create table privacy.operator_breach_step (
  id uuid primary key,
  breach_id uuid not null references privacy.operator_breach (id),
  at timestamptz not null,
  kind text not null,
  text text not null
);
select kernel.direct('privacy.operator_breach_step', 'select, insert');
create index operator_breach_step_by_breach on privacy.operator_breach_step (breach_id, id);

-- A workspace that the breach may concern: how far it was told, and how many of its people were counted.
create table privacy.operator_breach_part (
  breach_id uuid not null references privacy.operator_breach (id),
  concerned uuid not null references kernel.workspace (id),
  is_named boolean not null,
  people bigint,
  categories text[],
  counted_at timestamptz,
  due_at timestamptz,
  told_at timestamptz,
  told_of timestamptz,
  primary key (breach_id, concerned)
);
select kernel.direct('privacy.operator_breach_part', 'select, insert, update');
create index operator_breach_part_by_workspace on privacy.operator_breach_part (concerned);

-- The part of a workspace. It became aware when it was told; the clock of the notice to it runs from when the operator was.
alter table privacy.breach add column operators_id uuid;
alter table privacy.breach add column operators_aware_at timestamptz;
create unique index breach_of_operator on privacy.breach (workspace_id, operators_id) where operators_id is not null;
