-- A day is made beside the log and attached: that takes no lock a writer would wait for. It does wait
-- for whoever reads the default partition, and others would wait behind it, so not for long: days are
-- made a week ahead, and what is missing is tried again within the hour.
create or replace function audit_event_add_days(first date, days int) returns int
    language plpgsql as $$
declare
    made int := 0;
    name text;
begin
    -- Servers that start together take turns.
    perform pg_advisory_xact_lock(hashtext('audit_event_add_days'));
    perform set_config('lock_timeout', '500ms', true);
    for day in 0 .. days - 1 loop
        name := 'audit_event_' || to_char(first + day, 'YYYYMMDD');
        if to_regclass(name) is null then
            begin
                execute format('create table %I (like audit_event including all)', name);
                perform audit_event_guard(name);
                execute format(
                    'alter table audit_event attach partition %I for values from (%L) to (%L)',
                    name, (first + day)::text || ' 00:00:00+00',
                    (first + day + 1)::text || ' 00:00:00+00');
                made := made + 1;
            exception
                when check_violation then
                    raise notice 'rows of % stay in the default partition', first + day;
                when lock_not_available then
                    raise notice 'the log is being read, % is made later', first + day;
                    exit;
            end;
        end if;
    end loop;
    return made;
end
$$;
