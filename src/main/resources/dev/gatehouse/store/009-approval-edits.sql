-- What an approver made of the action he was asked about: who, when, and its digest. The arguments go
-- when the question is over, like those that were asked about.
alter table approval
    add column edit jsonb,
    add column edited_arguments text;
