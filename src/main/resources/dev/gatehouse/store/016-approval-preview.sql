-- What an action did in a throw-away sandbox: its digest, who wanted it and when, and what is shown of it, which goes
-- when the question is over.
alter table approval
    add column preview jsonb,
    add column preview_shown text,
    add column previews int not null default 0,
    -- One preview at a time; one whose server died is waited for until then.
    add column preview_until timestamptz;
