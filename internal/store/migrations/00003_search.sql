-- +goose Up
-- What environments are searched by: name and alias in lower case. Neither
-- database can be trusted to lower letters beyond a–z.
ALTER TABLE environments ADD COLUMN search TEXT NOT NULL DEFAULT '';
UPDATE environments SET search = name || '/' || LOWER(alias);

CREATE INDEX mails_waiting ON mails (id) WHERE sent_at = 0 AND failed_at = 0;
