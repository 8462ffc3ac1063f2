-- +goose Up
-- What an owner knew of somebody when the collaboration ended: their name, and
-- when they were last seen. What the person changes later is not the owner's.
ALTER TABLE collaborators ADD COLUMN past_name TEXT NOT NULL DEFAULT '';
ALTER TABLE collaborators ADD COLUMN past_seen_at BIGINT NOT NULL DEFAULT 0;
