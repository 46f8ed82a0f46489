-- A turn that a person's taking over ended before its answer has a final state too.

alter table assistant.turn drop constraint turn_state_check;
alter table assistant.turn add constraint turn_state_check
  check (state in ('running', 'answered', 'not_found', 'handed_off', 'failed', 'over_budget', 'abandoned'));
