-- +goose Up
-- Work that must be done at least once. due_at is the next moment at which a
-- job may be taken; taking one moves due_at to the end of the lease, so a job
-- whose process died is due again by itself.
CREATE TABLE jobs (
  id         TEXT PRIMARY KEY,
  kind       TEXT NOT NULL,
  args       TEXT NOT NULL,
  unique_key TEXT UNIQUE,
  due_at     BIGINT NOT NULL,
  attempts   BIGINT NOT NULL DEFAULT 0,
  holder     TEXT NOT NULL DEFAULT '',
  last_error TEXT NOT NULL DEFAULT '',
  created_at BIGINT NOT NULL,
  failed_at  BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX jobs_due ON jobs (kind, due_at) WHERE failed_at = 0;
