-- A person's rows are found by indexes.

alter table kernel.blob add column subject_id uuid;
create index blob_by_subject on kernel.blob (workspace_id, subject_id) where subject_id is not null;
create index conversation_by_visitor on inbox.conversation (workspace_id, visitor_id);
create index attestation_by_giver on kernel.attestation (workspace_id, given_by);
