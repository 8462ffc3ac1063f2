-- +goose Up
-- When a person proved that their e-mail address is theirs, by a mailed link
-- or a sign-in provider that says so; 0 for never. Whoever made an account by
-- themselves until now has not. Operators were made by whoever runs the
-- server.
ALTER TABLE users ADD COLUMN proven_at BIGINT NOT NULL DEFAULT 0;
UPDATE users SET proven_at = created_at WHERE operator OR NOT EXISTS (SELECT 1 FROM accounts o
  JOIN audit a ON a.account_id = o.id AND a.user_id = users.id AND a.operation = 'user.sign_up' AND a.result = '0'
  WHERE o.owner_id = users.id);

-- Who asked to sign up and was mailed a link. Only its hash is kept.
CREATE TABLE sign_ups (
  token_hash TEXT PRIMARY KEY,
  email      TEXT NOT NULL,
  email_key  TEXT NOT NULL,
  expires_at BIGINT NOT NULL
);
CREATE INDEX sign_ups_email ON sign_ups (email_key);
CREATE INDEX sign_ups_expires ON sign_ups (expires_at);
