-- By when an erasure has to be complete, as the policy said when it was begun, and that the team was warned when the day came near.
alter table privacy.erasure add column due_at timestamptz, add column warned_at timestamptz;
alter table privacy.request add column warned_at timestamptz;
