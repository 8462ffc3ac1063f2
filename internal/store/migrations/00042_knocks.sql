-- +goose Up
-- How often somebody unknown was turned away, by the network that they came
-- from, in an hour (counted from 1970). What was counted becomes rows of the
-- installation's audit log.
CREATE TABLE knocks (
  hour      BIGINT NOT NULL,
  operation TEXT NOT NULL,
  source    TEXT NOT NULL,
  result    TEXT NOT NULL,
  n         BIGINT NOT NULL,
  told      BIGINT NOT NULL DEFAULT 0,
  PRIMARY KEY (hour, operation, source)
);
