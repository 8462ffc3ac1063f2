-- +goose Up
-- The text of a mail is sealed with the key of the installation: it may hold a
-- link that is as good as a password. What was written before is sealed at the
-- start that follows, since only the program has the key.
ALTER TABLE mails ADD COLUMN sealed BOOLEAN NOT NULL DEFAULT FALSE;
-- Whether the text holds a password, which is its receiver's alone.
ALTER TABLE mails ADD COLUMN private BOOLEAN NOT NULL DEFAULT FALSE;
UPDATE mails SET private = TRUE WHERE event LIKE 'node-password:%';
