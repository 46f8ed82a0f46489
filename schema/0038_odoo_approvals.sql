-- What the copilot may do in a workspace's Odoo, what its users approved there, and who asked for a person. Ids, numbers, times and words from
-- short lists: what would be written is sealed in the ticket that the panel carries, never here.

create table odoo.switches (
  workspace_id uuid not null references kernel.workspace (id),
  id uuid not null,
  asking text not null check (asking in ('user', 'writer', 'manager')),
  read_only boolean not null,
  stopped_at timestamptz,
  halted_at timestamptz,
  create_record text not null check (create_record in ('off', 'writer', 'manager')),
  update_record text not null check (update_record in ('off', 'writer', 'manager')),
  archive_record text not null check (archive_record in ('off', 'writer', 'manager')),
  confirm_order text not null check (confirm_order in ('off', 'writer', 'manager')),
  post_message text not null check (post_message in ('off', 'writer', 'manager')),
  schedule_activity text not null check (schedule_activity in ('off', 'writer', 'manager')),
  changed_at timestamptz not null,
  primary key (workspace_id, id)
);
select kernel.protect('odoo.switches');
create unique index switches_of_workspace on odoo.switches (workspace_id);

-- The hash is over a random salt too: nobody finds a short value by trying.
create table odoo.approval (
  workspace_id uuid not null,
  id uuid not null,
  tenant_id uuid not null,
  turn_id uuid not null,
  uid int not null check (uid > 0),
  action text not null check (action in ('create_record', 'update_record', 'archive_record', 'confirm_order', 'post_message', 'schedule_activity')),
  hash bytea not null check (octet_length(hash) = 32),
  state text not null check (state in ('waiting', 'executing', 'done', 'declined', 'conflict', 'failed', 'unknown')),
  fault text check (fault ~ '^[a-z_]{1,40}$'),
  proposed_at timestamptz not null,
  expires_at timestamptz not null,
  decided_at timestamptz,
  primary key (workspace_id, id),
  foreign key (workspace_id, tenant_id) references odoo.tenant (workspace_id, id) on delete cascade,
  foreign key (workspace_id, turn_id) references odoo.turn (workspace_id, id) on delete cascade,
  check ((state = 'waiting') = (decided_at is null))
);
select kernel.protect('odoo.approval');
create index approval_of_tenant on odoo.approval (workspace_id, tenant_id, proposed_at desc);
create index approval_of_turn on odoo.approval (workspace_id, turn_id);

create table odoo.help_request (
  workspace_id uuid not null,
  id uuid not null,
  tenant_id uuid not null,
  session_id uuid not null,
  uid int not null check (uid > 0),
  asked_at timestamptz not null,
  primary key (workspace_id, id),
  foreign key (workspace_id, tenant_id) references odoo.tenant (workspace_id, id) on delete cascade
);
select kernel.protect('odoo.help_request');
create index help_request_of_tenant on odoo.help_request (workspace_id, tenant_id, asked_at desc);
