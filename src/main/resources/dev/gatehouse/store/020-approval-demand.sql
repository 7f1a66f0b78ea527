-- Digest of the risk and the terms with which policy asked: identical actions that wait are one question only
-- while policy demands the same of both. What was asked before that is joined by nobody any more.
alter table approval add column demand text not null default '';
drop index approval_open;
create unique index approval_open on approval (tenant, digest, demand) where state in ('pending', 'claimed');
