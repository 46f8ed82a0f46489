-- The copilot for Odoo: ids, numbers, times, keys, an address, and words from short lists. No column can hold what somebody wrote or what
-- Odoo answered; a guard reads the constraints.

create schema odoo;
grant usage on schema odoo to tenet_app;

-- The code itself is shown once and kept nowhere.
create table odoo.connect_code (
  workspace_id uuid not null references kernel.workspace (id),
  id uuid not null,
  hash bytea not null check (octet_length(hash) = 32),
  created_at timestamptz not null,
  expires_at timestamptz not null,
  used_at timestamptz,
  primary key (workspace_id, id)
);
select kernel.protect('odoo.connect_code');
create unique index connect_code_by_hash on odoo.connect_code (workspace_id, hash);
create index connect_code_by_end on odoo.connect_code (workspace_id, expires_at);

-- One database of Odoo. Disconnected, it stays with its records until they are deleted together.
create table odoo.tenant (
  workspace_id uuid not null references kernel.workspace (id),
  id uuid not null,
  url text not null check (length(url) <= 255 and url ~ '^https?://[A-Za-z0-9._:/\[\]-]+$'),
  database text not null check (database ~ '^[A-Za-z0-9._-]{1,63}$'),
  public_key bytea not null check (octet_length(public_key) <= 128),
  tenet_kid uuid not null,
  tenet_key bytea not null check (octet_length(tenet_key) <= 512),
  odoo_version text not null check (odoo_version ~ '^[0-9]{1,3}\.[0-9]{1,2}$'),
  addon_version text not null check (addon_version ~ '^[0-9.]{1,20}$'),
  state text not null check (state in ('unchecked', 'connected', 'unreachable')),
  fault text check (fault ~ '^[a-z_]{1,40}$'),
  connected_at timestamptz not null,
  checked_at timestamptz,
  disconnected_at timestamptz,
  reason text check (reason in ('disconnect', 'uninstall', 'console')),
  primary key (workspace_id, id),
  check ((disconnected_at is null) = (reason is null))
);
select kernel.protect('odoo.tenant');
create unique index tenant_connected on odoo.tenant (workspace_id) where disconnected_at is null;
create index tenant_by_end on odoo.tenant (workspace_id, disconnected_at);

create table odoo.terms (
  workspace_id uuid not null,
  id uuid not null,
  tenant_id uuid not null,
  version text not null check (version ~ '^[0-9]{4}-[0-9]{2}$'),
  uid int not null check (uid > 0),
  accepted_at timestamptz not null,
  recorded_at timestamptz not null,
  primary key (workspace_id, id),
  foreign key (workspace_id, tenant_id) references odoo.tenant (workspace_id, id) on delete cascade
);
select kernel.protect('odoo.terms');
create index terms_of_tenant on odoo.terms (workspace_id, tenant_id);

-- One panel of one user. The refresh token names the generation; an earlier one ends the grant.
create table odoo.panel_grant (
  workspace_id uuid not null,
  id uuid not null,
  tenant_id uuid not null,
  uid int not null check (uid > 0),
  generation int not null,
  opened_at timestamptz not null,
  refreshed_at timestamptz not null,
  good_until timestamptz not null,
  refresh_until timestamptz not null,
  ended_at timestamptz,
  ended_by text check (ended_by in ('reuse', 'stranger', 'disconnect')),
  primary key (workspace_id, id),
  foreign key (workspace_id, tenant_id) references odoo.tenant (workspace_id, id) on delete cascade
);
select kernel.protect('odoo.panel_grant');
create index panel_grant_of_tenant on odoo.panel_grant (workspace_id, tenant_id);
create index panel_grant_by_end on odoo.panel_grant (workspace_id, refresh_until);
create index panel_grant_by_good on odoo.panel_grant (workspace_id, good_until);

-- Tokens and nonces that have been taken, until they would have ended anyway.
create table odoo.used (
  workspace_id uuid not null references kernel.workspace (id),
  id uuid not null,
  expires_at timestamptz not null,
  primary key (workspace_id, id)
);
select kernel.protect('odoo.used');
create index used_by_end on odoo.used (workspace_id, expires_at);

create table odoo.session (
  workspace_id uuid not null,
  id uuid not null,
  tenant_id uuid not null,
  uid int not null check (uid > 0),
  title text not null check (title ~ '^[a-z_]{1,40}$'),
  opened_at timestamptz not null,
  last_at timestamptz not null,
  primary key (workspace_id, id),
  foreign key (workspace_id, tenant_id) references odoo.tenant (workspace_id, id) on delete cascade
);
select kernel.protect('odoo.session');
create index session_of_tenant on odoo.session (workspace_id, tenant_id, last_at desc);

create table odoo.turn (
  workspace_id uuid not null,
  id uuid not null,
  session_id uuid not null,
  uid int not null check (uid > 0),
  state text not null check (state in ('running', 'answered', 'not_found', 'waiting', 'ungrounded', 'failed', 'cut')),
  fault text check (fault ~ '^[a-z_]{1,40}$'),
  started_at timestamptz not null,
  completed_at timestamptz,
  provider text check (provider ~ '^[a-z]{1,20}$'),
  host text check (host ~ '^[A-Za-z0-9.:\[\]-]{1,255}$'),
  tokens_in int not null default 0,
  tokens_out int not null default 0,
  tool_calls int not null default 0,
  duration_ms int,
  helpful boolean,
  reason text check (reason in ('wrong', 'incomplete', 'slow', 'other')),
  primary key (workspace_id, id),
  foreign key (workspace_id, session_id) references odoo.session (workspace_id, id) on delete cascade,
  check ((state = 'running') = (completed_at is null))
);
select kernel.protect('odoo.turn');
create index turn_of_session on odoo.turn (workspace_id, session_id);
create index turn_by_start on odoo.turn (workspace_id, started_at desc);

create table odoo.tool_call (
  workspace_id uuid not null,
  id uuid not null,
  turn_id uuid not null,
  tool text not null check (tool ~ '^[a-z_]{1,40}$'),
  at timestamptz not null,
  duration_ms int not null,
  tokens int not null,
  fault text check (fault ~ '^[a-z_]{1,40}$'),
  primary key (workspace_id, id),
  foreign key (workspace_id, turn_id) references odoo.turn (workspace_id, id) on delete cascade
);
select kernel.protect('odoo.tool_call');
create index tool_call_of_turn on odoo.tool_call (workspace_id, turn_id);
