-- +goose Up
-- Times are microseconds since 1970 in UTC, 0 for none. The same SQL serves
-- SQLite and PostgreSQL.

CREATE TABLE users (
  id            TEXT PRIMARY KEY,
  email         TEXT NOT NULL,
  email_key     TEXT NOT NULL UNIQUE,
  name          TEXT NOT NULL DEFAULT '',
  password_hash TEXT NOT NULL,
  operator      BOOLEAN NOT NULL DEFAULT FALSE,
  suspended_at  BIGINT NOT NULL DEFAULT 0,
  created_at    BIGINT NOT NULL,
  seen_at       BIGINT NOT NULL DEFAULT 0
);

CREATE TABLE accounts (
  id           TEXT PRIMARY KEY,
  owner_id     TEXT NOT NULL UNIQUE REFERENCES users(id),
  type         TEXT NOT NULL,
  suspended_at BIGINT NOT NULL DEFAULT 0,
  created_at   BIGINT NOT NULL
);

CREATE TABLE sessions (
  id         TEXT PRIMARY KEY,
  user_id    TEXT NOT NULL REFERENCES users(id),
  token_hash TEXT NOT NULL UNIQUE,
  road       TEXT NOT NULL,
  device     TEXT NOT NULL DEFAULT '',
  address    TEXT NOT NULL DEFAULT '',
  created_at BIGINT NOT NULL,
  used_at    BIGINT NOT NULL,
  expires_at BIGINT NOT NULL
);
CREATE INDEX sessions_user ON sessions (user_id, used_at);

-- One-time links that are mailed or printed; only the hash of the token is
-- kept.
CREATE TABLE links (
  token_hash TEXT PRIMARY KEY,
  kind       TEXT NOT NULL,
  user_id    TEXT NOT NULL DEFAULT '',
  expires_at BIGINT NOT NULL,
  used_at    BIGINT NOT NULL DEFAULT 0
);

CREATE TABLE collaborators (
  id          TEXT PRIMARY KEY,
  account_id  TEXT NOT NULL REFERENCES accounts(id),
  user_id     TEXT REFERENCES users(id),
  email       TEXT NOT NULL,
  email_key   TEXT NOT NULL,
  role        TEXT NOT NULL,
  status      TEXT NOT NULL,
  until_at    BIGINT NOT NULL DEFAULT 0,
  link_hash   TEXT UNIQUE,
  link_until  BIGINT NOT NULL DEFAULT 0,
  invited_by  TEXT NOT NULL,
  created_at  BIGINT NOT NULL,
  accepted_at BIGINT NOT NULL DEFAULT 0,
  UNIQUE (account_id, email_key),
  UNIQUE (account_id, user_id)
);
CREATE INDEX collaborators_user ON collaborators (user_id, status);

CREATE TABLE environments (
  id           TEXT PRIMARY KEY,
  account_id   TEXT NOT NULL REFERENCES accounts(id),
  name         TEXT NOT NULL,
  alias        TEXT NOT NULL DEFAULT '',
  state        TEXT NOT NULL,
  reason       TEXT NOT NULL DEFAULT '',
  wanted       TEXT NOT NULL,
  generation   BIGINT NOT NULL DEFAULT 1,
  done         BIGINT NOT NULL DEFAULT 0,
  creator_id   TEXT NOT NULL,
  subnet       BIGINT NOT NULL,
  created_at   BIGINT NOT NULL,
  updated_at   BIGINT NOT NULL,
  deleted_at   BIGINT NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX environments_name ON environments (name) WHERE deleted_at = 0;
CREATE UNIQUE INDEX environments_subnet ON environments (subnet) WHERE deleted_at = 0;
CREATE INDEX environments_account ON environments (account_id, name) WHERE deleted_at = 0;
CREATE INDEX environments_undone ON environments (id) WHERE deleted_at = 0 AND done < generation;

CREATE TABLE grants (
  collaborator_id TEXT NOT NULL REFERENCES collaborators(id),
  environment_id  TEXT NOT NULL REFERENCES environments(id),
  level           TEXT NOT NULL,
  until_at        BIGINT NOT NULL DEFAULT 0,
  granted_by      TEXT NOT NULL,
  granted_at      BIGINT NOT NULL,
  PRIMARY KEY (collaborator_id, environment_id)
);
CREATE INDEX grants_environment ON grants (environment_id);

CREATE TABLE layers (
  id             TEXT PRIMARY KEY,
  environment_id TEXT NOT NULL REFERENCES environments(id),
  position       BIGINT NOT NULL,
  role           TEXT NOT NULL,
  stack          TEXT NOT NULL,
  version        TEXT NOT NULL,
  cloudlets      BIGINT NOT NULL
);
CREATE INDEX layers_environment ON layers (environment_id, position);

CREATE TABLE nodes (
  id             BIGINT PRIMARY KEY,
  environment_id TEXT NOT NULL REFERENCES environments(id),
  layer_id       TEXT NOT NULL REFERENCES layers(id),
  ordinal        BIGINT NOT NULL,
  slot           BIGINT NOT NULL,
  state          TEXT NOT NULL,
  reason         TEXT NOT NULL DEFAULT '',
  address        TEXT NOT NULL DEFAULT '',
  port           BIGINT NOT NULL DEFAULT 0,
  restarts       BIGINT NOT NULL DEFAULT 0,
  UNIQUE (environment_id, slot)
);
CREATE INDEX nodes_layer ON nodes (layer_id, ordinal);

-- The audit log. account_id '' is the installation's own log.
CREATE TABLE audit (
  account_id     TEXT NOT NULL,
  seq            BIGINT NOT NULL,
  environment_id TEXT NOT NULL DEFAULT '',
  at             BIGINT NOT NULL,
  user_id        TEXT NOT NULL DEFAULT '',
  email          TEXT NOT NULL DEFAULT '',
  road           TEXT NOT NULL,
  operation      TEXT NOT NULL,
  target         TEXT NOT NULL DEFAULT '',
  result         TEXT NOT NULL,
  detail         TEXT NOT NULL DEFAULT '{}',
  address        TEXT NOT NULL DEFAULT '',
  PRIMARY KEY (account_id, seq)
);
CREATE INDEX audit_environment ON audit (account_id, environment_id, seq);
CREATE INDEX audit_user ON audit (account_id, user_id, seq);

CREATE TABLE counters (
  name  TEXT PRIMARY KEY,
  value BIGINT NOT NULL
);

-- Every mail ever written. event is unique: one event, one mail to one
-- address.
CREATE TABLE mails (
  id         TEXT PRIMARY KEY,
  event      TEXT NOT NULL UNIQUE,
  recipient  TEXT NOT NULL,
  name       TEXT NOT NULL DEFAULT '',
  subject    TEXT NOT NULL,
  text       TEXT NOT NULL,
  html       TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  sent_at    BIGINT NOT NULL DEFAULT 0,
  failed_at  BIGINT NOT NULL DEFAULT 0,
  attempts   BIGINT NOT NULL DEFAULT 0,
  last_error TEXT NOT NULL DEFAULT ''
);
CREATE INDEX mails_created ON mails (created_at);
