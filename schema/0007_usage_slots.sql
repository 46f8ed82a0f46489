-- A day's usage in several rows: turns that end at the same moment need not wait for each other's commit.

alter table assistant.usage add column slot smallint not null default 0;
alter table assistant.usage drop constraint usage_pkey;
alter table assistant.usage add primary key (workspace_id, day, slot);
