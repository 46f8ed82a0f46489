-- Second factors of a person, across workspaces; and which workspaces ask for one.

-- An authenticator app (TOTP). The secret is sealed; last_step is the newest step that was used, so that none counts twice.
create table accounts.authenticator (
  id uuid primary key,
  login_id uuid not null references accounts.login (id),
  secret bytea not null,
  confirmed boolean not null default false,
  last_step bigint not null default 0,
  created_at timestamptz not null default now(),
  unique (login_id, confirmed)
);
select kernel.direct('accounts.authenticator');

-- WebAuthn credentials: public keys, so nothing here signs anybody in.
create table accounts.passkey (
  id uuid primary key,
  credential_id bytea not null unique check (octet_length(credential_id) <= 1023),
  login_id uuid not null references accounts.login (id),
  name text not null check (length(name) between 1 and 100),
  public_key bytea not null,
  sign_count bigint not null,
  transports text[] not null default '{}',
  is_user_verified boolean not null,
  is_backup_eligible boolean not null,
  is_backed_up boolean not null,
  created_at timestamptz not null default now(),
  last_used_at timestamptz
);
select kernel.direct('accounts.passkey');
create index passkey_by_login on accounts.passkey (login_id);

-- What was asked of an authenticator and of which browser; used up by the answer.
create table accounts.passkey_ceremony (
  id uuid primary key,
  browser_hash bytea not null,
  login_id uuid references accounts.login (id),
  kind text not null check (kind in ('add', 'verify')),
  state text not null,
  expires_at timestamptz not null
);
select kernel.direct('accounts.passkey_ceremony');
create index passkey_ceremony_by_expiry on accounts.passkey_ceremony (expires_at);

-- Deleted when used.
create table accounts.recovery_code (
  login_id uuid not null references accounts.login (id),
  code_hash bytea not null,
  created_at timestamptz not null default now(),
  primary key (login_id, code_hash)
);
select kernel.direct('accounts.recovery_code');

-- Wrong codes of late. Its row is locked while a code is looked at: of two at once, one waits.
create table accounts.factor_attempts (
  login_id uuid primary key references accounts.login (id),
  failures int not null,
  begun_at timestamptz not null
);
select kernel.direct('accounts.factor_attempts');

create table accounts.sign_in_policy (
  workspace_id uuid primary key references kernel.workspace (id),
  requires_factor boolean not null,
  changed_at timestamptz not null default now()
);
select kernel.protect('accounts.sign_in_policy');
-- Sign-in learns what the workspace asks for.
select kernel.direct('accounts.sign_in_policy', 'select');
