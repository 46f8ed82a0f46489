-- Where a workspace wants to be told of broken promises, and what it was told. The address may hold a secret of its receiver, so it is sealed too.
create table privacy.alert_hook (
  workspace_id uuid not null references kernel.workspace (id),
  id uuid not null,
  host text not null,
  url bytea not null,
  secret bytea not null,
  set_by uuid,
  set_at timestamptz not null,
  primary key (workspace_id, id),
  unique (workspace_id)
);
select kernel.protect('privacy.alert_hook');

create table privacy.alert_message (
  workspace_id uuid not null,
  id uuid not null,
  incident_id uuid,
  type text not null check (type in ('broken', 'recovered', 'test')),
  receiver text not null check (receiver in ('workspace', 'operator')),
  state text not null check (state in ('waiting', 'delivered', 'given_up')),
  happened_at timestamptz not null,
  attempts int not null default 0,
  outcome text check (outcome ~ '^[a-z0-9_]{1,40}$'),
  tried_at timestamptz,
  primary key (workspace_id, id),
  foreign key (workspace_id, incident_id) references kernel.incident (workspace_id, id) on delete cascade,
  check ((incident_id is null) = (type = 'test'))
);
select kernel.protect('privacy.alert_message');
-- Each receiver is told once of each break and of its end.
create unique index alert_message_once on privacy.alert_message (workspace_id, incident_id, type, receiver) where incident_id is not null;
create index alert_message_newest on privacy.alert_message (workspace_id, happened_at desc);
