-- +goose Up
-- How often somebody did an operation in an environment on a day (of UTC,
-- counted from 1970), beside the audit log and in its transaction: a review
-- asks for months of it, and the log has millions of rows.
CREATE TABLE uses (
  account_id     TEXT NOT NULL,
  user_id        TEXT NOT NULL,
  environment_id TEXT NOT NULL,
  operation      TEXT NOT NULL,
  day            BIGINT NOT NULL,
  times          BIGINT NOT NULL,
  last_at        BIGINT NOT NULL,
  PRIMARY KEY (account_id, user_id, day, environment_id, operation)
);
CREATE INDEX uses_day ON uses (day);
INSERT INTO uses (account_id, user_id, environment_id, operation, day, times, last_at)
  SELECT account_id, user_id, environment_id, operation, at / 86400000000, COUNT(*), MAX(at) FROM audit
  WHERE user_id <> '' AND environment_id <> '' AND result = '0'
  GROUP BY account_id, user_id, environment_id, operation, at / 86400000000;
