-- Who moved rows to the archive signs what was moved: without the key nobody can delete rows and say
-- that they are archived. Rows of before have no signature and are not believed.
alter table audit_archive add column key text not null default '';
alter table audit_archive add column signature bytea not null default '';
