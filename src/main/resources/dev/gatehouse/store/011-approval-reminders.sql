-- When those who are asked are told again; null for never.
alter table approval add column remind_at timestamptz;
create index approval_remind on approval (remind_at)
    where remind_at is not null and state in ('pending', 'claimed');
