-- +goose Up
-- Owners who look as a collaborator would. left_at is when the sign-in is its
-- owner's own again: a view that ended by itself holds it until they say so,
-- lest a page that is still open is taken for theirs.
CREATE TABLE views (
  id              TEXT PRIMARY KEY,
  session_id      TEXT NOT NULL,
  owner_id        TEXT NOT NULL,
  account_id      TEXT NOT NULL,
  collaborator_id TEXT NOT NULL REFERENCES collaborators(id),
  started_at      BIGINT NOT NULL,
  until_at        BIGINT NOT NULL,
  ended_at        BIGINT NOT NULL DEFAULT 0,
  left_at         BIGINT NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX views_session ON views (session_id) WHERE left_at = 0;
CREATE INDEX views_until ON views (until_at) WHERE ended_at = 0;
