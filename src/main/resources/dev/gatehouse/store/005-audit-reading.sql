-- What a receiver remembers of the events before its place, e.g. the counts of alert rules.
alter table audit_delivery add column memory text not null default '';

-- Where the values of some columns stand: one row for each value of each stretch of a chain. An index
-- of them would cost every write; this is written behind the writer's back, a stretch at once.
create table audit_posting (
    tenant text not null,
    name text not null,
    value text not null,
    -- The stretch.
    chain bigint not null,
    first bigint not null,
    last bigint not null,
    -- The first and last time of the rows that have the value.
    lo timestamptz not null,
    hi timestamptz not null,
    -- Those rows, counted from the first of the stretch; null where they are many.
    places smallint[],
    primary key (tenant, name, value, hi, chain, first)
);

-- How far that goes; rows behind it are looked through.
create table audit_posted (
    chain bigint primary key,
    through bigint not null,
    -- Nothing will be added to the chain any more.
    done boolean not null default false
);

-- Goes on in each chain, at most so many rows; gives how many there were. The stretch at the end of a
-- chain is left until it is whole, or until another chain of the same node is an hour old: only then
-- is even the last commit of a server that was killed there, or never will be.
create function audit_post(most int) returns bigint language plpgsql
-- What it groups at once does not go to disk.
set work_mem = '64MB' as $$
declare
    stretch constant int := 1000;
    few constant int := 32;
    c record;
    top bigint;
    upto bigint;
    total bigint := 0;
begin
    if not pg_try_advisory_xact_lock(x'706f7374696e67'::bigint) then
        return 0;
    end if;
    insert into audit_posted (chain, through)
        select chain, 0 from audit_chain on conflict do nothing;
    for c in
        select p.chain, p.through, exists (
                select from audit_chain o join audit_chain n on n.node = o.node and n.chain > o.chain
                where o.chain = p.chain and n.started_at < now() - interval '1 hour') as ended
        from audit_posted p where not p.done
    loop
        select coalesce(max(sequence), 0) into top from audit_event where chain = c.chain;
        upto := least(top, c.through + most);
        if not (c.ended and upto = top) then
            upto := c.through + (upto - c.through) / stretch * stretch;
        end if;
        if upto > c.through then
            insert into audit_posting (tenant, name, value, chain, first, last, lo, hi, places)
            select e.tenant, v.name, v.value, c.chain, e.first, least(e.first + stretch - 1, upto),
                min(e.recorded_at), max(e.recorded_at),
                case when count(*) <= few then array_agg((e.sequence - e.first)::smallint) end
            from (select *, c.through + 1 + (sequence - c.through - 1) / stretch * stretch as first
                    from audit_event
                    where chain = c.chain and sequence > c.through and sequence <= upto) as e
                cross join lateral (values ('rule', e.rule), ('tool', e.tool), ('status', e.status),
                    ('kind', e.kind)) as v(name, value)
            where v.value is not null
            group by e.tenant, v.name, v.value, e.first;
            total := total + upto - c.through;
        end if;
        update audit_posted set through = greatest(through, upto), done = c.ended and upto >= top
            where chain = c.chain and (upto > c.through or c.ended);
    end loop;
    return total;
end
$$;
