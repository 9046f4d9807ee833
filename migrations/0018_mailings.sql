-- Mail to those who signed and asked for news: each mailing is one row with a cursor, never a row a recipient.
-- An ordinary signature reads and writes nothing of this.

CREATE TABLE mailings (
  id            TEXT PRIMARY KEY CHECK (length(id) = 36),  -- UUIDv7: the order of time
  petition_no   INTEGER NOT NULL REFERENCES petitions (no),
  kind          TEXT NOT NULL CHECK (kind = 'threshold' OR kind = 'response' OR kind = 'end' OR kind = 'message'),
  about         TEXT CHECK ((about IS NULL) = (kind = 'message')),  -- what begins by itself begins once for this
  texts         TEXT CHECK (json_type(texts) = 'object' AND kind = 'message' OR texts IS NULL AND kind <> 'message'),
  signatures    INTEGER,                         -- the number that its mails name: fixed when it begins
  state         TEXT NOT NULL CHECK (state = 'draft' OR state = 'waiting' OR state = 'running' OR state = 'parked'
                  OR state = 'done' OR state = 'cancelled' OR state = 'stopped'),
  version       INTEGER NOT NULL DEFAULT 1 CHECK (version >= 1),  -- grows with what staff decide on: texts, and who asked
  counted_to    TEXT,                            -- while those who asked are counted: the last mailbox; else NULL
  expected      INTEGER NOT NULL DEFAULT 0 CHECK (expected >= 0),
  cursor        TEXT NOT NULL DEFAULT '',        -- the last signature looked at, in hexadecimal digits; 'end'
  parts         TEXT NOT NULL DEFAULT '[]' CHECK (json_type(parts) = 'array'),  -- what was taken and is not settled
  recipients    INTEGER NOT NULL DEFAULT 0 CHECK (recipients >= 0),  -- mailboxes taken so far
  sent          INTEGER NOT NULL DEFAULT 0 CHECK (sent >= 0),
  failed        INTEGER NOT NULL DEFAULT 0 CHECK (failed >= 0),
  skipped       INTEGER NOT NULL DEFAULT 0 CHECK (skipped >= 0),
  bounced       INTEGER NOT NULL DEFAULT 0 CHECK (bounced >= 0),
  complained    INTEGER NOT NULL DEFAULT 0 CHECK (complained >= 0),
  unsubscribed  INTEGER NOT NULL DEFAULT 0 CHECK (unsubscribed >= 0),
  error         TEXT,                            -- the provider's code when it was parked
  ended_because TEXT,
  actor         TEXT NOT NULL,                   -- as audit.actor, or 'service'
  created_at    INTEGER NOT NULL,
  due_at        INTEGER NOT NULL,
  started_at    INTEGER,
  touched_at    INTEGER NOT NULL DEFAULT 0,      -- when it last had its turn
  sent_at       INTEGER NOT NULL DEFAULT 0,      -- when a provider last took one of its mails
  ended_at      INTEGER,
  UNIQUE (petition_no, kind, about)
) STRICT, WITHOUT ROWID;

-- What is under way, what is being counted, and what staff must see, without reading what is over.
CREATE INDEX mailings_active ON mailings (id) WHERE state = 'waiting' OR state = 'running';
CREATE INDEX mailings_counting ON mailings (id) WHERE counted_to IS NOT NULL;
CREATE INDEX mailings_in_trouble ON mailings (created_at) WHERE state = 'parked' OR failed > 0;

-- Whose turn it is to send: one worker at a time, and not before `due_at`, which is the pace of all mailings together.
CREATE TABLE mailing_turn (
  one         INTEGER PRIMARY KEY CHECK (one = 1),
  lease_until INTEGER NOT NULL,
  due_at      INTEGER NOT NULL
) STRICT;

INSERT INTO mailing_turn VALUES (1, 0, 0);

-- Addresses that want no news of any petition, as hashes keyed by ROOT_KEY: the table names nobody. Who asks for news anew
-- after `since` gets those.
CREATE TABLE unsubscribed_addresses (
  hash  TEXT PRIMARY KEY CHECK (length(hash) = 22),
  since INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- ---------------------------------------------------------------- what begins by itself

-- One definition, for the triggers below: once for what it is about, however often that happens.
CREATE VIEW automatic_mailings AS SELECT 0 AS petition_no, '' AS kind, '' AS about, 0 AS due_at WHERE 0;

CREATE TRIGGER automatic_mailings_begin INSTEAD OF INSERT ON automatic_mailings
BEGIN
  INSERT INTO mailings (id, petition_no, kind, about, state, actor, created_at, due_at)
  SELECT substr(time, 1, 8) || '-' || substr(time, 9) || '-7' || substr(noise, 1, 3) || '-8' || substr(noise, 4, 3) || '-'
      || substr(noise, 7, 12), NEW.petition_no, NEW.kind, NEW.about, 'waiting', 'service', now, coalesce(NEW.due_at, now)
  FROM (SELECT CAST(unixepoch('subsec') * 1000 AS INTEGER) AS now,
    printf('%012x', CAST(unixepoch('subsec') * 1000 AS INTEGER)) AS time, lower(hex(randomblob(9))) AS noise)
  WHERE NOT EXISTS (SELECT 1 FROM mailings
    WHERE petition_no = NEW.petition_no AND kind = NEW.kind AND about = NEW.about);
END;

CREATE TRIGGER mailing_of_threshold AFTER UPDATE OF reached_at ON thresholds
WHEN NEW.reached_at IS NOT NULL AND OLD.reached_at IS NULL
BEGIN
  INSERT INTO automatic_mailings VALUES (NEW.petition_no, 'threshold', NEW.name, NULL);
END;

-- What nobody has been told yet may be told the next time; what somebody has been told is not told twice.
CREATE TRIGGER mailing_of_threshold_lost AFTER UPDATE OF reached_at ON thresholds
WHEN NEW.reached_at IS NULL AND OLD.reached_at IS NOT NULL
BEGIN
  DELETE FROM mailings WHERE petition_no = NEW.petition_no AND kind = 'threshold' AND about = NEW.name AND state = 'waiting';
  UPDATE mailings SET state = 'stopped', ended_because = 'no_longer_so', ended_at = CAST(unixepoch('subsec') * 1000 AS INTEGER)
  WHERE petition_no = NEW.petition_no AND kind = 'threshold' AND about = NEW.name AND (state = 'running' OR state = 'parked');
END;

-- The first text only: an amendment may be a comma, and what is more than that staff can write.
CREATE TRIGGER mailing_of_response AFTER INSERT ON responses
WHEN NEW.published_at IS NOT NULL
BEGIN
  INSERT INTO automatic_mailings VALUES (NEW.petition_no, 'response', '1', NULL);
END;

-- The count is final 24 hours after the end.
CREATE TRIGGER mailing_of_end AFTER UPDATE OF state ON petitions
WHEN OLD.state = 'open' AND (NEW.state = 'closed' OR NEW.state = 'stopped')
BEGIN
  INSERT INTO automatic_mailings VALUES (NEW.no, 'end', CAST(NEW.ended_at AS TEXT), NEW.ended_at + 86400000);
END;

CREATE TRIGGER mailing_of_end_undone AFTER UPDATE OF state ON petitions
WHEN NEW.state = 'open' AND (OLD.state = 'closed' OR OLD.state = 'stopped')
BEGIN
  DELETE FROM mailings WHERE petition_no = NEW.no AND kind = 'end' AND state = 'waiting';
  UPDATE mailings SET state = 'stopped', ended_because = 'no_longer_so', ended_at = CAST(unixepoch('subsec') * 1000 AS INTEGER)
  WHERE petition_no = NEW.no AND kind = 'end' AND (state = 'running' OR state = 'parked');
END;

CREATE TRIGGER mailings_stop AFTER UPDATE OF state ON petitions
WHEN NEW.state = 'hidden' AND OLD.state <> 'hidden'
BEGIN
  UPDATE mailings SET state = 'stopped', ended_because = 'petition_hidden', ended_at = CAST(unixepoch('subsec') * 1000 AS INTEGER)
  WHERE petition_no = NEW.no AND (state = 'waiting' OR state = 'running' OR state = 'parked');
END;
