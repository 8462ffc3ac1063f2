-- +goose Up
-- Each start looks for mails that are not sealed: there are none, and to know
-- that it must not read every mail there is.
CREATE INDEX mails_unsealed ON mails (id) WHERE NOT sealed;
