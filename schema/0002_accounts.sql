-- Who signs in (directory), and who they are in each workspace (tenants' tables).

create schema accounts;
grant usage on schema accounts to tenet_app, tenet_system;

-- A person by e-mail address, across workspaces.
create table accounts.login (
  id uuid primary key,
  email text not null unique check (email = lower(email) and length(email) <= 254),
  created_at timestamptz not null default now()
);
select kernel.direct('accounts.login', 'select, insert');

-- A signed-in browser. Only the hash of its cookie is known.
create table accounts.session (
  id uuid primary key,
  token_hash bytea not null unique,
  login_id uuid not null references accounts.login (id),
  current_workspace_id uuid not null references kernel.workspace (id),
  ip text,
  user_agent text,
  created_at timestamptz not null default now(),
  last_seen_at timestamptz not null default now(),
  expires_at timestamptz not null
);
select kernel.direct('accounts.session');
create index session_by_login on accounts.session (login_id);
create index session_by_expiry on accounts.session (expires_at);

-- browser_hash is the hash of the cookie of the browser that asked; null for a link that the operator printed.
create table accounts.sign_in_link (
  token_hash bytea primary key,
  login_id uuid not null references accounts.login (id),
  browser_hash bytea,
  return_path text not null,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,
  used_at timestamptz
);
select kernel.direct('accounts.sign_in_link');
create index sign_in_link_by_expiry on accounts.sign_in_link (expires_at);

-- No foreign key to the login: the directory may live on another server than the workspace.
create table accounts.member (
  workspace_id uuid not null references kernel.workspace (id),
  id uuid not null,
  login_id uuid not null,
  email text not null,
  name text not null check (length(name) between 1 and 100),
  role text not null check (role in ('owner', 'admin', 'agent', 'viewer')),
  created_at timestamptz not null default now(),
  primary key (workspace_id, id),
  unique (workspace_id, login_id)
);
select kernel.protect('accounts.member');
-- Sign-in learns which workspaces a login belongs to, and as what; nothing else of a member.
select kernel.direct('accounts.member', 'select (workspace_id, id, login_id, role)');
create index member_by_login on accounts.member (login_id);

create table accounts.invitation (
  workspace_id uuid not null references kernel.workspace (id),
  id uuid not null,
  email text not null,
  role text not null check (role in ('owner', 'admin', 'agent', 'viewer')),
  token_hash bytea not null,
  invited_by uuid,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,
  primary key (workspace_id, id),
  unique (workspace_id, email),
  unique (workspace_id, token_hash)
);
select kernel.protect('accounts.invitation');
