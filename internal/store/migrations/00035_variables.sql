-- +goose Up
-- Environment variables of an environment's services. value is sealed with the
-- key in the data folder. rotate_at is when somebody said that the value has
-- to be changed, 0 when nobody did since it was set.
CREATE TABLE variables (
  environment_id TEXT NOT NULL REFERENCES environments(id),
  name           TEXT NOT NULL,
  value          TEXT NOT NULL,
  set_by         TEXT NOT NULL,
  set_at         BIGINT NOT NULL,
  rotate_at      BIGINT NOT NULL DEFAULT 0,
  PRIMARY KEY (environment_id, name)
);
-- When somebody last asked for the values.
CREATE TABLE variable_reads (
  environment_id TEXT NOT NULL REFERENCES environments(id),
  user_id        TEXT NOT NULL,
  read_at        BIGINT NOT NULL,
  PRIMARY KEY (environment_id, user_id)
);
-- variables is a number that grows with each change of them; that of a node is
-- the one it was started with.
ALTER TABLE environments ADD COLUMN variables BIGINT NOT NULL DEFAULT 0;
ALTER TABLE nodes ADD COLUMN variables BIGINT NOT NULL DEFAULT 0;
