-- +goose Up
-- How far each audit log was brought elsewhere; a place is known by the hash
-- of its address.
CREATE TABLE audit_pushes (
  place      TEXT NOT NULL,
  account_id TEXT NOT NULL,
  seq        BIGINT NOT NULL,
  PRIMARY KEY (place, account_id)
);
