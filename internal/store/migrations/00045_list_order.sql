-- +goose Up
-- Lists in the order of making, which ids tell, and by state; the words of the
-- second are those of the code that asks.
CREATE INDEX environments_made ON environments (account_id, id) WHERE deleted_at = 0;
CREATE INDEX environments_urgency ON environments (account_id, (CASE state WHEN 'broken' THEN 0 WHEN 'running' THEN 2 WHEN 'stopped' THEN 3 ELSE 1 END), name) WHERE deleted_at = 0;
