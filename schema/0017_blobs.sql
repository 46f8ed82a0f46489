-- Sealed blobs: the row holds the blob's own key, wrapped; the chunks are numbered and end with a marked one.

create table kernel.blob (
  workspace_id uuid not null references kernel.workspace (id),
  id uuid not null,
  key bytea not null,
  length bigint check (length >= 0),
  created_at timestamptz not null,
  kept_at timestamptz,
  primary key (workspace_id, id),
  check (kept_at is null or length is not null)
);
select kernel.protect('kernel.blob');

create table kernel.blob_chunk (
  workspace_id uuid not null,
  blob_id uuid not null,
  position int not null check (position >= 0),
  bytes bytea not null,
  primary key (workspace_id, blob_id, position),
  foreign key (workspace_id, blob_id) references kernel.blob (workspace_id, id) on delete cascade
);
select kernel.protect('kernel.blob_chunk', 'select, insert, delete');
-- Ciphertext does not shrink.
alter table kernel.blob_chunk alter column bytes set storage external;
