-- When a server last took it upon itself to record an event whose own server did not: two that look at
-- the same time would both record it.
alter table approval_event add column taken_at timestamptz;
