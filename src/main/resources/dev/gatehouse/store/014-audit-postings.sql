-- Of common values, too, it is known which rows have them: as bits, so that two that never meet in a
-- stretch are told apart without a look at its rows. And it is the server that posts: it has just
-- written the rows, and need not read them. What was posted so far is derived anew.
drop function audit_post(int);

drop table audit_posting;

truncate audit_posted;

-- When the last row that is posted was recorded.
alter table audit_posted add column at timestamptz;

create table audit_posting (
    tenant text not null,
    name text not null,
    value text not null,
    -- The stretch: the times of its first and last row, and the first row.
    lo timestamptz not null,
    hi timestamptz not null,
    chain bigint not null,
    first bigint not null,
    -- The rows that have the value, counted from the first: few by their numbers, more as bits.
    few smallint[],
    many bit varying,
    primary key (tenant, name, value, hi, chain, first)
);

-- Goes on in a chain; false if somebody else did.
create function audit_post(
    of_chain bigint, from_row bigint, to_row bigint, from_time timestamptz, to_time timestamptz,
    finished boolean, tenants text[], names text[], vals text[], fews text[], manys text[])
    returns boolean language plpgsql as $$
begin
    insert into audit_posted (chain, through) values (of_chain, 0) on conflict do nothing;
    update audit_posted set through = to_row, at = coalesce(to_time, at), done = finished
        where chain = of_chain and through = from_row - 1;
    if not found then
        return false;
    end if;
    insert into audit_posting (tenant, name, value, lo, hi, chain, first, few, many)
        select p.tenant, p.name, p.value, from_time, to_time, of_chain, from_row,
            p.few::smallint[], p.many::bit varying
        from unnest(tenants, names, vals, fews, manys) as p (tenant, name, value, few, many);
    return true;
end
$$;

-- The rows of a stretch, counted from its first. The planner writes it into the statement.
create function audit_places(few smallint[], many bit varying) returns setof int
    language sql immutable as $$
    select place::int from unnest(few) as place
    union all
    select word * 64 + bit
    from generate_series(0, length(many) / 64 - 1) as word cross join generate_series(0, 63) as bit
    where few is null
        and substring(many from word * 64 + 1 for 64)::bit(64) <> B'0'::bit(64)
        and get_bit(many, word * 64 + bit) = 1
$$;

-- Whether this row is one of them.
create function audit_has(few smallint[], many bit varying, place int) returns boolean
    language sql immutable as $$
    select case when few is null then get_bit(many, place) = 1 else place = any(few) end
$$;
