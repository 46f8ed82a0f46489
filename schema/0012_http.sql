-- Answers kept under the key that a caller sent with a POST, so that the same request sent twice acts once.
create table kernel.saved_answer (
  workspace_id uuid not null references kernel.workspace (id),
  id uuid not null,
  fingerprint bytea not null,
  running_until timestamptz,
  status int,
  answer bytea,
  expires_at timestamptz not null,
  primary key (workspace_id, id),
  check ((status is null) = (answer is null)),
  check (status is not null or running_until is not null)
);
select kernel.protect('kernel.saved_answer');
create index saved_answer_expiry on kernel.saved_answer (workspace_id, expires_at);

-- What all nodes together have let pass of somebody's requests in the window that runs. Worth nothing after a crash, hence unlogged.
create unlogged table kernel.rate_window (
  subject uuid primary key,
  begun_at timestamptz not null,
  taken bigint not null
) with (fillfactor = 50);
select kernel.direct('kernel.rate_window');

-- Counts what a node has used already and gives it some more. The database's clock decides which window runs.
create function kernel.lease_requests(
  whose uuid, used bigint, wanted bigint, most bigint, seconds int, shift int,
  out granted bigint, out taken bigint, out ends_in double precision)
language plpgsql as $$
declare
  instant double precision := extract(epoch from clock_timestamp());
  began double precision := floor((instant - shift) / seconds) * seconds + shift;
begin
  insert into kernel.rate_window as w (subject, begun_at, taken) values (whose, to_timestamp(began), 0)
  on conflict (subject) do update
    set taken = case when w.begun_at < excluded.begun_at then 0 else w.taken end,
        begun_at = greatest(w.begun_at, excluded.begun_at)
  returning w.taken into taken;
  taken := taken + used;
  granted := greatest(0, least(wanted, most - taken));
  taken := taken + granted;
  update kernel.rate_window w set taken = lease_requests.taken where w.subject = whose;
  ends_in := began + seconds - instant;
end $$;
