-- +goose Up
-- deleted_at is when somebody deleted an environment, erased_at when its nodes
-- and data went. Between the two it can be restored, so it keeps its subnet
-- (its files belong to user ids made of it) and, against other accounts, its
-- name. resume is what it was wanted to be when it was deleted.
ALTER TABLE environments ADD COLUMN erased_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE environments ADD COLUMN resume TEXT NOT NULL DEFAULT '';
UPDATE environments SET erased_at = deleted_at WHERE deleted_at <> 0;
DROP INDEX environments_subnet;
DROP INDEX environments_undone;
CREATE UNIQUE INDEX environments_subnet ON environments (subnet) WHERE erased_at = 0;
CREATE INDEX environments_undone ON environments (id) WHERE erased_at = 0 AND done < generation;
CREATE INDEX environments_deleted ON environments (name, deleted_at) WHERE deleted_at <> 0 AND erased_at = 0;
