-- +goose Up
-- What an operator has set for one account, as JSON; '' for what its type has.
ALTER TABLE accounts ADD COLUMN quota TEXT NOT NULL DEFAULT '';
