-- Questions can be answered. What was asked before that cannot: it lacks what a person must see.
alter table approval drop constraint approval_state_check;
update approval set state = 'expired', decided_at = now() where state = 'pending';
alter table approval add constraint approval_state_check check
    (state in ('pending', 'claimed', 'approved', 'denied', 'expired', 'cancelled', 'consumed'));

alter table approval
    -- One more with every move but a joining; a move names the version that it was decided on.
    add column version int not null default 0,
    -- The person behind the actor's key.
    add column holder text not null default '',
    -- How many requests wait for this one answer.
    add column asked int not null default 1,
    -- What the person must see. Arguments may hold secrets: they go when the question is over.
    add column arguments text,
    add column context text not null default '{}',
    add column reasons text not null default '[]',
    add column claimed_by text,
    add column answers jsonb not null default '[]';

drop index approval_pending;
create index approval_due on approval (expires_at) where state in ('pending', 'claimed', 'approved');
-- Identical actions that wait are one question.
create unique index approval_open on approval (tenant, digest) where state in ('pending', 'claimed');
create index approval_open_page on approval (tenant, id) where state in ('pending', 'claimed');
create index approval_open_actor on approval (tenant, actor) where state in ('pending', 'claimed');
create index approval_page on approval (tenant, state, id);

-- One row a move, written by the statement that moves: for those who watch, and for the audit log,
-- which has every row that says so in recorded.
create table approval_event (
    sequence bigint generated always as identity primary key,
    -- A transaction's rows are seen by those who watch only when none before it can still appear.
    transaction bigint not null default (pg_current_xact_id()::text)::bigint,
    at timestamptz not null default clock_timestamp(),
    tenant text not null,
    approval text not null,
    actor text not null,
    kind text not null,
    -- The person who moved it.
    by text,
    -- Where the question stood afterwards.
    state text not null,
    detail text not null,
    recorded boolean not null default false
);

create index approval_event_watch on approval_event (tenant, transaction, sequence);
create index approval_event_unrecorded on approval_event (sequence) where not recorded;
create index approval_event_answers on approval_event (tenant, by, at) where kind = 'decided';
