-- +goose Up
-- Devices that people have signed in on: who guesses passwords elsewhere does
-- not hold them up.
CREATE TABLE known_devices (
  user_id  TEXT NOT NULL REFERENCES users(id),
  key_hash TEXT NOT NULL,
  seen_at  BIGINT NOT NULL,
  PRIMARY KEY (user_id, key_hash)
);

-- What may happen so often a day; day counts from 1970.
CREATE TABLE tallies (
  what TEXT NOT NULL,
  day  BIGINT NOT NULL,
  n    BIGINT NOT NULL,
  PRIMARY KEY (what, day)
);
CREATE INDEX tallies_day ON tallies (day);
