-- Who must answer, how many of them, and whether with a reason. What was asked before this was known
-- had no terms but its time.
alter table approval add column terms jsonb not null
    default '{"approvers": [], "quorum": 1, "timeoutMillis": 1, "reasonRequired": false}';
alter table approval alter column terms drop default;
