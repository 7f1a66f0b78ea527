-- How often each person approved, by the minute: what a budget counts without reading every answer.
create table approval_tally (
    tenant text not null,
    person text not null,
    -- Minutes since 1970.
    minute bigint not null,
    approvals bigint not null,
    primary key (tenant, person, minute)
);

insert into approval_tally
    select tenant, by, floor(extract(epoch from at) / 60)::bigint, count(*) from approval_event
    where kind = 'decided' and state <> 'denied' and by is not null
        and at > clock_timestamp() - interval '61 minutes'
    group by 1, 2, 3;

drop index approval_event_answers;
