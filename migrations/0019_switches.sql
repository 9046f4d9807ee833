-- Staff's switches, the deadlines that a pause of signing moves, the one reminder to who has not verified, and mail about
-- answers that are overdue.

-- Since when signing is paused: a row while it is, and none otherwise. Kept in step with the setting `switches` in one
-- transaction. While it is there the time by which petitions close stands still.
CREATE TABLE signing_pause (
  one   INTEGER PRIMARY KEY CHECK (one = 1),
  since INTEGER NOT NULL
) STRICT;

-- Milliseconds that a petition's deadline has grown by beyond what pauses of signing took: deadlines grow by whole days,
-- and the next pause uses up what is left of one first.
ALTER TABLE petitions ADD COLUMN pause_credit INTEGER NOT NULL DEFAULT 0 CHECK (pause_credit >= 0);
-- When staff last took its end back: a pause before it took nothing of its time.
ALTER TABLE petitions ADD COLUMN reopened_at INTEGER;

-- When a job of verification mails that has gone out is to be followed by the one reminder, milliseconds since 1970; 0 once
-- it was, or never will be; NULL for every other job. A job pays one index entry, its signatures nothing.
ALTER TABLE outbox ADD COLUMN remind_at INTEGER;
CREATE INDEX outbox_to_remind ON outbox (remind_at) WHERE remind_at > 0;

-- When staff were last told by mail that what a threshold obliges to is overdue.
ALTER TABLE thresholds ADD COLUMN overdue_mailed_at INTEGER;
