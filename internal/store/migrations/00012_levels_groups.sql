-- +goose Up
-- Levels of an account's own. permissions are names with a space between; a
-- level that a grant speaks of by its id.
CREATE TABLE levels (
  id          TEXT PRIMARY KEY,
  account_id  TEXT NOT NULL REFERENCES accounts(id),
  name        TEXT NOT NULL,
  name_key    TEXT NOT NULL,
  permissions TEXT NOT NULL,
  created_at  BIGINT NOT NULL,
  UNIQUE (account_id, name_key)
);

-- wide_level is what a group or a person has on all environments of the
-- account, those to come too; '' is nothing.
CREATE TABLE access_groups (
  id         TEXT PRIMARY KEY,
  account_id TEXT NOT NULL REFERENCES accounts(id),
  name       TEXT NOT NULL,
  name_key   TEXT NOT NULL,
  wide_level TEXT NOT NULL DEFAULT '',
  wide_until BIGINT NOT NULL DEFAULT 0,
  created_at BIGINT NOT NULL,
  UNIQUE (account_id, name_key)
);

CREATE TABLE group_members (
  group_id        TEXT NOT NULL REFERENCES access_groups(id),
  collaborator_id TEXT NOT NULL REFERENCES collaborators(id),
  until_at        BIGINT NOT NULL DEFAULT 0,
  PRIMARY KEY (group_id, collaborator_id)
);
CREATE INDEX group_members_collaborator ON group_members (collaborator_id);

-- name is the environment's, which never changes: lists are in its order.
CREATE TABLE group_grants (
  group_id       TEXT NOT NULL REFERENCES access_groups(id),
  environment_id TEXT NOT NULL REFERENCES environments(id),
  name           TEXT NOT NULL,
  level          TEXT NOT NULL,
  until_at       BIGINT NOT NULL DEFAULT 0,
  granted_by     TEXT NOT NULL,
  granted_at     BIGINT NOT NULL,
  PRIMARY KEY (group_id, environment_id)
);
CREATE INDEX group_grants_name ON group_grants (group_id, name);
CREATE INDEX group_grants_environment ON group_grants (environment_id);

-- What collaborators ask for. An approved one gives its level, or its one
-- permission, until until_at.
CREATE TABLE access_requests (
  id              TEXT PRIMARY KEY,
  account_id      TEXT NOT NULL REFERENCES accounts(id),
  collaborator_id TEXT NOT NULL REFERENCES collaborators(id),
  environment_id  TEXT NOT NULL REFERENCES environments(id),
  name            TEXT NOT NULL,
  level           TEXT NOT NULL DEFAULT '',
  permission      TEXT NOT NULL DEFAULT '',
  minutes         BIGINT NOT NULL,
  reason          TEXT NOT NULL,
  status          TEXT NOT NULL,
  glass           BOOLEAN NOT NULL DEFAULT FALSE,
  created_at      BIGINT NOT NULL,
  answered_at     BIGINT NOT NULL DEFAULT 0,
  answered_by     TEXT NOT NULL DEFAULT '',
  answer          TEXT NOT NULL DEFAULT '',
  until_at        BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX access_requests_account ON access_requests (account_id, id);
CREATE INDEX access_requests_collaborator ON access_requests (collaborator_id, status);
CREATE INDEX access_requests_environment ON access_requests (environment_id);

ALTER TABLE collaborators ADD COLUMN wide_level TEXT NOT NULL DEFAULT '';
ALTER TABLE collaborators ADD COLUMN wide_until BIGINT NOT NULL DEFAULT 0;
ALTER TABLE collaborators ADD COLUMN breaks_glass BOOLEAN NOT NULL DEFAULT FALSE;

ALTER TABLE grants ADD COLUMN name TEXT NOT NULL DEFAULT '';
UPDATE grants SET name = (SELECT e.name FROM environments e WHERE e.id = environment_id);
CREATE INDEX grants_name ON grants (collaborator_id, name);

-- What ends by itself is looked for by its end.
CREATE INDEX grants_until ON grants (until_at) WHERE until_at > 0;
CREATE INDEX group_grants_until ON group_grants (until_at) WHERE until_at > 0;
CREATE INDEX group_members_until ON group_members (until_at) WHERE until_at > 0;
CREATE INDEX access_groups_until ON access_groups (wide_until) WHERE wide_until > 0;
CREATE INDEX collaborators_until ON collaborators (until_at) WHERE until_at > 0;
CREATE INDEX collaborators_wide_until ON collaborators (wide_until) WHERE wide_until > 0;
CREATE INDEX access_requests_until ON access_requests (until_at) WHERE until_at > 0;
