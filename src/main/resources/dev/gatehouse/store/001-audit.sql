-- One chain per server run: a single writer each, so the sequence has no gaps and needs no lock.
-- The first row's hash covers this row, and so the place where the node's chain before it stood.
create table audit_chain (
    chain bigint generated always as identity primary key,
    node text not null,
    started_at timestamptz not null,
    previous_chain bigint,
    previous_sequence bigint,
    previous_hash bytea,
    -- When every execution begun in this chain was known to have ended, or marked as unknown.
    settled_at timestamptz
);

create index audit_chain_node on audit_chain (node, chain);

-- The hash covers every column before it, in this order, and the hash of the row before.
create table audit_event (
    chain bigint not null,
    sequence bigint not null,
    -- When the writer took it; never goes back in a chain, whatever the clock does.
    recorded_at timestamptz not null,
    occurred_at timestamptz not null,
    duration_nanos bigint,
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
    status text,
    -- JSON, but of type text: its bytes are hashed, and the database never has to parse it.
    detail text not null,
    hash bytea not null,
    primary key (chain, sequence, recorded_at)
) partition by range (recorded_at);

create index audit_event_time on audit_event (tenant, recorded_at, chain, sequence);

create index audit_event_action on audit_event (action);

create index audit_event_parent on audit_event (parent) where parent is not null;

create index audit_event_session on audit_event (tenant, session, recorded_at);

-- What is asked for most; other columns are looked through in the order of time.
create index audit_event_actor on audit_event (tenant, actor, recorded_at);

create index audit_event_rule on audit_event (tenant, rule, recorded_at);

create index audit_event_outcome on audit_event (tenant, outcome, recorded_at);

create index audit_event_sandbox on audit_event (sandbox) where sandbox is not null;

create index audit_event_started on audit_event (chain) where kind = 'execution.started';

-- Rows are added, never changed. (A superuser can still do as he likes: that is what the hashes,
-- and the checkpoints kept elsewhere, are for.)
create function audit_event_is_append_only() returns trigger language plpgsql as $$
begin
    raise exception '% is append-only', tg_table_name;
end
$$;

create trigger audit_event_append_only before update or delete or truncate on audit_event
    for each statement execute function audit_event_is_append_only();

-- A trigger of the parent does not hear of statements that name a partition.
create function audit_event_guard(partition text) returns void language plpgsql as $$
begin
    execute format(
        'create trigger audit_event_append_only before update or delete or truncate on %I'
        ' for each statement execute function audit_event_is_append_only()', partition);
end
$$;

-- Whatever the clock says, a row finds a place.
create table audit_event_other partition of audit_event default;
select audit_event_guard('audit_event_other');

-- Makes the partition of each UTC day that has none. A day whose rows already lie in the default
-- partition is left there.
create function audit_event_add_days(first date, days int) returns int language plpgsql as $$
declare
    made int := 0;
    name text;
begin
    for day in 0 .. days - 1 loop
        name := 'audit_event_' || to_char(first + day, 'YYYYMMDD');
        if to_regclass(name) is null then
            begin
                execute format(
                    'create table %I partition of audit_event for values from (%L) to (%L)',
                    name, (first + day)::text || ' 00:00:00+00',
                    (first + day + 1)::text || ' 00:00:00+00');
                perform audit_event_guard(name);
                made := made + 1;
            exception when check_violation then
                raise notice 'rows of % stay in the default partition', first + day;
            end;
        end if;
    end loop;
    return made;
end
$$;

-- What was signed: docs/audit.md. Kept when the rows are archived.
create table audit_checkpoint (
    chain bigint not null,
    size bigint not null,
    hash bytea not null,
    root bytea not null,
    frontier bytea not null,
    made_at timestamptz not null,
    key text not null,
    signature bytea not null,
    primary key (chain, size)
);
select audit_event_guard('audit_checkpoint');

-- Where each chain's rows went that are no longer here. The checkpoint of last_sequence is kept.
create table audit_archive (
    day date not null,
    chain bigint not null,
    last_sequence bigint not null,
    rows bigint not null,
    file text not null,
    sha256 text not null,
    archived_at timestamptz not null default now(),
    primary key (day, chain)
);

-- How far each receiver has got. One server at a time holds the lease and sends.
create table audit_delivery (
    sink text primary key,
    place text not null,
    owner text not null,
    lease_until timestamptz not null
);

-- What a receiver refused for good.
create table audit_dead_letter (
    id bigint generated always as identity primary key,
    sink text not null,
    chain bigint not null,
    sequence bigint not null,
    reason text not null,
    refused_at timestamptz not null default now()
);
