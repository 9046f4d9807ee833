-- Keys by which partners try out how they send signatures, without anything being counted.
ALTER TABLE partner_keys ADD COLUMN test INTEGER NOT NULL DEFAULT 0 CHECK (test IN (0, 1));

-- What was sent with them, for a day. Nothing else in the database knows of it.
CREATE TABLE test_submissions (
  submission  BLOB PRIMARY KEY CHECK (length(submission) = 16),  -- a UUIDv7: the order of time
  partner     TEXT NOT NULL,                                     -- partners.code
  petition_no INTEGER NOT NULL,
  email_hash  BLOB NOT NULL CHECK (length(email_hash) = 8),
  supporter   INTEGER NOT NULL CHECK (supporter IN (0, 1)),
  locale      TEXT NOT NULL,
  sealed      BLOB NOT NULL,                                     -- what the partner sent, under the petition's key
  accepted_at INTEGER NOT NULL,
  verified_at INTEGER
) STRICT, WITHOUT ROWID;

CREATE INDEX test_submissions_of ON test_submissions (partner, submission);
-- Asked only when a typed code fits no signature.
CREATE INDEX test_submissions_at ON test_submissions (petition_no, email_hash);
