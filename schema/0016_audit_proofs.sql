-- The chain becomes one over the leaves of a Merkle tree, so that an entry can be purged and its link stays. What was chained before is
-- chained anew: no checkpoint of it has left the database. The owner must see all rows for that.
alter table audit.link no force row level security;
alter table audit.due no force row level security;
insert into audit.due (workspace_id, entry_id) select workspace_id, entry_id from audit.link;
delete from audit.link;
alter table audit.link force row level security;
alter table audit.due force row level security;

alter table audit.link add column leaf bytea not null;
alter table audit.link alter column entry_id drop not null;
alter table audit.link drop constraint link_workspace_id_entry_id_fkey;
alter table audit.link add foreign key (workspace_id, entry_id) references audit.entry (workspace_id, id) on delete set null (entry_id);

alter table audit.entry alter column salt drop not null;
grant update (details, salt), delete on audit.entry to tenet_app;
create index entry_by_actor on audit.entry (workspace_id, actor_id, id desc) where actor_id is not null;
create index entry_by_subject on audit.entry (workspace_id, subject_id, id desc);

-- Where a trail ends, and the newest checkpoint of it outside the database.
create table audit.head (
  workspace_id uuid primary key references kernel.workspace (id),
  size bigint not null,
  hash bytea not null,
  peaks bytea not null,
  purged_through bigint not null default 0,
  published_size bigint not null default 0,
  published_at timestamptz,
  published_note text,
  fault text,
  fault_at timestamptz
);
select kernel.protect('audit.head', 'select, insert, update');

-- Hashes of subtrees of 256, 65,536, … leaves.
create table audit.node (
  workspace_id uuid not null references kernel.workspace (id),
  height int not null,
  index bigint not null,
  hash bytea not null,
  primary key (workspace_id, height, index)
);
select kernel.protect('audit.node', 'select, insert');

-- What signs a workspace's checkpoints.
create table audit.signing_key (
  workspace_id uuid not null references kernel.workspace (id),
  id uuid not null,
  seed bytea not null,
  created_at timestamptz not null default now(),
  primary key (workspace_id, id),
  unique (workspace_id)
);
select kernel.protect('audit.signing_key', 'select, insert, update');
