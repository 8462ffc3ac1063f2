-- +goose Up
-- pause is the time in milliseconds between the restarts of a layer's nodes
-- when they are restarted one after another, -1 when all at once.
ALTER TABLE layers ADD COLUMN pause BIGINT NOT NULL DEFAULT -1;
-- copy_of is the node whose files a node begins with, 0 once it has them (or
-- begins with none). It may be a node of another environment.
ALTER TABLE nodes ADD COLUMN copy_of BIGINT NOT NULL DEFAULT 0;
-- copy_of is the environment that this one is being made a copy of, '' when
-- it is none or has been made; report is what the copy still says of it.
ALTER TABLE environments ADD COLUMN copy_of TEXT NOT NULL DEFAULT '';
ALTER TABLE environments ADD COLUMN report TEXT NOT NULL DEFAULT '';
-- schedule says when the environment is started and stopped by itself;
-- schedule_at is when something of it is due next, 0 when nothing is.
ALTER TABLE environments ADD COLUMN schedule TEXT NOT NULL DEFAULT '';
ALTER TABLE environments ADD COLUMN schedule_at BIGINT NOT NULL DEFAULT 0;
CREATE INDEX environments_copies ON environments (copy_of) WHERE copy_of <> '';
CREATE INDEX environments_schedule ON environments (schedule_at) WHERE schedule_at <> 0 AND deleted_at = 0;
