-- +goose Up
-- The audit log becomes a Merkle tree, one for each account. hash is that of
-- the row; rows from before are hashed at the start that follows (see
-- internal/store/seal.go). email_key is what a person is looked for by.
ALTER TABLE audit ADD COLUMN email_key TEXT NOT NULL DEFAULT '';
ALTER TABLE audit ADD COLUMN hash BYTEA;
UPDATE audit SET email_key = LOWER(email);

-- One index for each filter, so that the page of any is read in its order.
DROP INDEX audit_environment;
DROP INDEX audit_user;
CREATE INDEX audit_time ON audit (account_id, at, seq);
CREATE INDEX audit_environment ON audit (account_id, environment_id, at, seq);
CREATE INDEX audit_user ON audit (account_id, user_id, at, seq);
CREATE INDEX audit_email ON audit (account_id, email_key, at, seq);
CREATE INDEX audit_operation ON audit (account_id, operation, at, seq);
CREATE INDEX audit_result ON audit (account_id, result, at, seq);
CREATE INDEX audit_road ON audit (account_id, road, at, seq);

-- Each log: its number of rows, the hashes of the whole subtrees they make,
-- how many of the oldest are not kept any more, and how many the newest kept
-- checkpoint is of.
CREATE TABLE audit_logs (
  account_id TEXT PRIMARY KEY,
  size       BIGINT NOT NULL,
  edge       BYTEA NOT NULL,
  gone       BIGINT NOT NULL DEFAULT 0,
  signed     BIGINT NOT NULL DEFAULT 0
);

-- Hashes of the tree in tiles of 256, as golang.org/x/mod/sumdb/tlog has them
-- with height 8. Level 0 has whole tiles only: the hashes of the newest rows
-- stand beside the rows.
CREATE TABLE audit_tiles (
  account_id TEXT NOT NULL,
  level      BIGINT NOT NULL,
  number     BIGINT NOT NULL,
  hashes     BYTEA NOT NULL,
  PRIMARY KEY (account_id, level, number)
);

CREATE TABLE audit_checkpoints (
  account_id TEXT NOT NULL,
  size       BIGINT NOT NULL,
  at         BIGINT NOT NULL,
  note       TEXT NOT NULL,
  PRIMARY KEY (account_id, size)
);
