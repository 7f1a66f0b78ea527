-- What must be the same for an answer to hold again: how often it was asked says what an answer that
-- is remembered would cover.
alter table approval add column same text not null default '';
create index approval_same on approval (tenant, same, session);

-- Answers that hold for later actions, too: those that are the same.
create table approval_memory (
    id text primary key,
    tenant text not null,
    -- SHA-256 of tenant, actor, tool, arguments and kind of sandbox.
    same text not null,
    -- Null for all.
    session text,
    actor text not null,
    tool text not null,
    risk text not null,
    -- It holds only where this policy asks on these terms.
    policy text not null,
    terms jsonb not null,
    -- The same as a policy file; has the arguments, so it goes when the memory is over.
    rule text not null,
    -- The question that was answered.
    approval text not null,
    by text not null,
    reason text,
    max_uses int not null,
    uses int not null default 0,
    created_at timestamptz not null default clock_timestamp(),
    expires_at timestamptz not null,
    revoked_at timestamptz,
    revoked_by text
);

create index approval_memory_same on approval_memory (tenant, same) where revoked_at is null;
create index approval_memory_page on approval_memory (tenant, id) where revoked_at is null;
