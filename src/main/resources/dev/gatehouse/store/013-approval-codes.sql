-- What persons' authenticators said: the last time step whose code was taken, and how often one was
-- tried lately.
create table approval_code (
    tenant text not null,
    person text not null,
    step bigint not null default -1,
    tries int not null default 1,
    tried_since timestamptz not null default clock_timestamp(),
    primary key (tenant, person)
);
