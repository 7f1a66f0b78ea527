-- One row a request that must be done once; the reply is null while it is being done.
create table idempotency_key (
    tenant text not null,
    actor text not null,
    key text not null,
    -- SHA-256 of method, path, query and body.
    fingerprint bytea not null,
    -- Who does it: a run that is over will never reply.
    node text not null,
    run text not null,
    claimed_at timestamptz not null default now(),
    status int,
    reply text,
    primary key (tenant, actor, key)
);

create index idempotency_key_claimed on idempotency_key (claimed_at);
