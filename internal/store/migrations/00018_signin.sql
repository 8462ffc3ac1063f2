-- +goose Up
-- Signing in: access tokens, second factors, passkeys, logins elsewhere, and
-- the devices that somebody has signed in from.

ALTER TABLE users ADD COLUMN factor BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE accounts ADD COLUMN factor_wanted BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE sessions ADD COLUMN method TEXT NOT NULL DEFAULT 'password';

-- permissions and environments are lists of words and ids with a space
-- between; '' for all.
CREATE TABLE tokens (
  id           TEXT PRIMARY KEY,
  user_id      TEXT NOT NULL REFERENCES users(id),
  name         TEXT NOT NULL,
  token_hash   TEXT NOT NULL UNIQUE,
  hint         TEXT NOT NULL,
  permissions  TEXT NOT NULL DEFAULT '',
  environments TEXT NOT NULL DEFAULT '',
  created_at   BIGINT NOT NULL,
  expires_at   BIGINT NOT NULL,
  used_at      BIGINT NOT NULL DEFAULT 0,
  address      TEXT NOT NULL DEFAULT ''
);
CREATE INDEX tokens_user ON tokens (user_id, created_at);

-- The one-time code. secret is sealed with the key in the data folder; step is
-- the last time step that was used, so that no code works twice.
CREATE TABLE totp (
  user_id      TEXT PRIMARY KEY REFERENCES users(id),
  secret       TEXT NOT NULL,
  step         BIGINT NOT NULL DEFAULT 0,
  created_at   BIGINT NOT NULL,
  confirmed_at BIGINT NOT NULL DEFAULT 0
);

CREATE TABLE recovery_codes (
  user_id   TEXT NOT NULL REFERENCES users(id),
  code_hash TEXT NOT NULL,
  used_at   BIGINT NOT NULL DEFAULT 0,
  PRIMARY KEY (user_id, code_hash)
);

-- credential is what the library keeps of a passkey, as JSON; there is nothing
-- secret in it.
CREATE TABLE passkeys (
  id            TEXT PRIMARY KEY,
  user_id       TEXT NOT NULL REFERENCES users(id),
  name          TEXT NOT NULL,
  credential_id TEXT NOT NULL UNIQUE,
  credential    TEXT NOT NULL,
  created_at    BIGINT NOT NULL,
  used_at       BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX passkeys_user ON passkeys (user_id, created_at);

-- Challenges that were answered: none is answered twice.
CREATE TABLE challenges (
  id         TEXT PRIMARY KEY,
  expires_at BIGINT NOT NULL
);

CREATE TABLE identities (
  id         TEXT PRIMARY KEY,
  user_id    TEXT NOT NULL REFERENCES users(id),
  issuer     TEXT NOT NULL,
  subject    TEXT NOT NULL,
  email      TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  used_at    BIGINT NOT NULL DEFAULT 0,
  UNIQUE (issuer, subject)
);
CREATE INDEX identities_user ON identities (user_id);

CREATE TABLE devices (
  user_id TEXT NOT NULL REFERENCES users(id),
  key     TEXT NOT NULL,
  seen_at BIGINT NOT NULL,
  PRIMARY KEY (user_id, key)
);
