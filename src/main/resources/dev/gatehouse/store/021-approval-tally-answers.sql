-- How many questions each person answered: a denied one took his attention, too.
alter table approval_tally rename column approvals to answers;
