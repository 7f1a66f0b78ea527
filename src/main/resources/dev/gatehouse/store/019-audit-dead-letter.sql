-- What a dead letter is about, so that it is still known when its event went to the archive.
alter table audit_dead_letter add column kind text;
alter table audit_dead_letter add column action text;
alter table audit_dead_letter add column tenant text;

update audit_dead_letter d set kind = e.kind, action = e.action, tenant = e.tenant
    from audit_event e where e.chain = d.chain and e.sequence = d.sequence;

create index audit_dead_letter_tenant on audit_dead_letter (tenant, id);
