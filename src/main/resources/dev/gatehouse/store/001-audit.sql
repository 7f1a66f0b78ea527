-- One chain per server run: a single writer each, so the sequence has no gaps and needs no lock.
create table audit_chain (
    chain bigint generated always as identity primary key,
    node text not null,
    started_at timestamptz not null default now(),
    -- When every execution begun in this chain was known to have ended, or marked as unknown.
    settled_at timestamptz
);

create index audit_chain_unsettled on audit_chain (node) where settled_at is null;

create table audit_event (
    chain bigint not null references audit_chain,
    sequence bigint not null,
    occurred_at timestamptz not null,
    kind text not null,
    action text not null,
    parent text,
    tenant text not null,
    session text,
    actor text,
    role text,
    tool text,
    risk text,
    outcome text,
    rule text,
    policy text,
    sandbox text,
    duration_nanos bigint,
    status text,
    -- JSON, but of type text: never looked into by the database, so never parsed by it.
    detail text not null,
    primary key (chain, sequence)
);

create index audit_event_action on audit_event (action);

create index audit_event_session on audit_event (tenant, session, occurred_at);

create index audit_event_started on audit_event (chain) where kind = 'execution.started';

-- Rows are added, never changed. (A superuser can still do as he likes.)
create function audit_event_is_append_only() returns trigger language plpgsql as $$
begin
    raise exception 'audit_event is append-only';
end
$$;

create trigger audit_event_append_only before update or delete or truncate on audit_event
    for each statement execute function audit_event_is_append_only();
