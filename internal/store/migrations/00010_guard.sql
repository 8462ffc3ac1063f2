-- +goose Up
-- What may happen so often a day; day counts from 1970.
CREATE TABLE tallies (
  what TEXT NOT NULL,
  day  BIGINT NOT NULL,
  n    BIGINT NOT NULL,
  PRIMARY KEY (what, day)
);
CREATE INDEX tallies_day ON tallies (day);
