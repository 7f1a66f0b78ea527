-- Messages that were taken once: a second one with the same id is refused. Forgotten when its time
-- stamp alone refuses it.
create table approval_message (
    channel text not null,
    id text not null,
    taken_at timestamptz not null default clock_timestamp(),
    primary key (channel, id)
);
