create table approval (
    id text primary key,
    action text not null,
    tenant text not null,
    session text not null,
    actor text not null,
    tool text not null,
    risk text not null,
    -- What exactly was asked about, and under which policy.
    digest text not null,
    policy text not null,
    state text not null check (state in ('pending', 'expired')),
    created_at timestamptz not null,
    expires_at timestamptz not null,
    decided_at timestamptz
);

create index approval_pending on approval (expires_at) where state = 'pending';
