-- +goose Up
-- Offers of an environment to another account. One of an environment is open
-- at a time; only the hash of its link is kept.
CREATE TABLE transfers (
  id             TEXT PRIMARY KEY,
  environment_id TEXT NOT NULL REFERENCES environments(id),
  account_id     TEXT NOT NULL REFERENCES accounts(id),
  email          TEXT NOT NULL,
  email_key      TEXT NOT NULL,
  token_hash     TEXT NOT NULL UNIQUE,
  created_at     BIGINT NOT NULL,
  expires_at     BIGINT NOT NULL,
  ended_at       BIGINT NOT NULL DEFAULT 0,
  outcome        TEXT NOT NULL DEFAULT ''
);
CREATE UNIQUE INDEX transfers_open ON transfers (environment_id) WHERE ended_at = 0;
CREATE INDEX transfers_expires ON transfers (expires_at) WHERE ended_at = 0;
-- offered_until is the end of the open offer, so that lists can show it; 0 for
-- none.
ALTER TABLE environments ADD COLUMN offered_until BIGINT NOT NULL DEFAULT 0;
