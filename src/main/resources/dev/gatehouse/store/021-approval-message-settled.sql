-- Whether a message's answer is stored. One that is not may come again: its server may have ended.
alter table approval_message add column settled boolean not null default true;
alter table approval_message alter column settled set default false;
