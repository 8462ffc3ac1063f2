-- +goose Up
-- What a person is looked for by in an audit log is the address of the row
-- itself, which its hash covers, and no copy that could be changed beside it.
DROP INDEX audit_email;
ALTER TABLE audit DROP COLUMN email_key;
CREATE INDEX audit_email ON audit (account_id, LOWER(email), at, seq);
