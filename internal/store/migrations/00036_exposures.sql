-- +goose Up
-- To whom the newest password of a layer's servers that they know was mailed.
CREATE TABLE password_mails (
  environment_id TEXT NOT NULL REFERENCES environments(id),
  layer_id       TEXT NOT NULL,
  user_id        TEXT NOT NULL,
  mailed_at      BIGINT NOT NULL,
  PRIMARY KEY (layer_id, user_id)
);
CREATE INDEX password_mails_user ON password_mails (user_id);
-- Variables that somebody could have read when their collaboration ended.
CREATE TABLE exposures (
  collaborator_id TEXT NOT NULL REFERENCES collaborators(id),
  environment_id  TEXT NOT NULL REFERENCES environments(id),
  name            TEXT NOT NULL,
  how             TEXT NOT NULL,
  read_at         BIGINT NOT NULL DEFAULT 0,
  ended_at        BIGINT NOT NULL,
  PRIMARY KEY (collaborator_id, environment_id, name)
);
