-- How long things are kept stands in the policies: what was a default here follows them.

-- 0 leaves it to the policy. Ninety days were what nobody had chosen.
alter table inbox.widget drop constraint widget_keep_days_check;
alter table inbox.widget add constraint widget_keep_days_check check (keep_days between 0 and 3650);
alter table inbox.widget alter column keep_days set default 0;
update inbox.widget set keep_days = 0 where keep_days = 90;

-- Entries and events come in the order of time: a few pages say whether any of them is too old.
create index entry_by_time on audit.entry using brin (at);
create index event_by_time on kernel.event using brin (at);
create index blob_of_nothing on kernel.blob (workspace_id, created_at) where kept_at is null;

-- One sweep per workspace deletes them now.
delete from kernel.job where kind = 'blobs.sweep';
update kernel.schedule set every = interval '1 hour' where kind = 'audit.purge';
