-- When and how who is behind a session last proved it; and keys for programs.

-- state: open, or what is still asked for before the session opens anything.
alter table accounts.session
  add column state text not null default 'open' check (state in ('open', 'second_factor', 'set_up')),
  add column method text not null default 'link' check (method in ('link', 'passkey', 'authenticator', 'recovery_code')),
  add column verified_at timestamptz not null default now();
update accounts.session set verified_at = created_at;

-- Whose: a member's own key acts as the member; a key of the workspace (no member) has a role of its own. Only the hash of its text is known.
create table accounts.api_key (
  workspace_id uuid not null references kernel.workspace (id),
  id uuid not null,
  member_id uuid,
  role text check (role in ('admin', 'agent', 'viewer')),
  name text not null check (length(name) between 1 and 100),
  prefix text not null,
  token_hash bytea not null,
  scopes text[] not null check (cardinality(scopes) between 1 and 100),
  requests_per_minute int check (requests_per_minute between 1 and 100000),
  created_by uuid,
  created_at timestamptz not null default now(),
  expires_at timestamptz,
  last_used_at timestamptz,
  primary key (workspace_id, id),
  unique (workspace_id, token_hash),
  foreign key (workspace_id, member_id) references accounts.member (workspace_id, id) on delete cascade,
  check ((member_id is null) = (role is not null))
);
select kernel.protect('accounts.api_key');
create index api_key_by_member on accounts.api_key (workspace_id, member_id);
