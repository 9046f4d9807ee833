-- How long personal data stays. An ordinary signature reads and writes nothing of this.

CREATE TABLE retention (
  petition_no INTEGER PRIMARY KEY REFERENCES petitions (no) ON DELETE CASCADE,
  -- A pass through the petition's signatures, in the order of their key: looking for what has come of age, or erasing.
  cursor      TEXT NOT NULL DEFAULT '',    -- the last signature of the pass, in 24 hexadecimal digits
  look_at     INTEGER,                     -- when they are looked through next; NULL once erasing has begun
  begun_at    INTEGER,                     -- when the pass under way began
  next_at     INTEGER,                     -- of those it has passed, when the first comes of age
  -- Erasing everything personal.
  over_since  INTEGER,                     -- since when the petition has been over without a break
  erase_at    INTEGER,                     -- when it is erased; NULL while nobody has worked that out
  erase_plan  TEXT,                        -- the settings by which that was worked out
  erasing_since INTEGER,                   -- from here on nothing of it can be opened
  hits        INTEGER NOT NULL DEFAULT 0,  -- what the pass has found to erase: one that finds nothing is the last
  erased      INTEGER NOT NULL DEFAULT 0,  -- signatures that were erased or, unverified, deleted
  erased_at   INTEGER,
  -- Tries that failed in a row.
  failures    INTEGER NOT NULL DEFAULT 0,
  failed_at   INTEGER,                     -- the first of them
  retry_at    INTEGER NOT NULL DEFAULT 0,
  error       TEXT,                        -- its class or the database's code, never its words
  CHECK (erased_at IS NULL OR erasing_since IS NOT NULL),
  CHECK ((erasing_since IS NULL) = (look_at IS NOT NULL)),
  CHECK ((failures > 0) = (failed_at IS NOT NULL))
) STRICT;

-- Each job reads what is due, not every petition.
CREATE INDEX retention_look ON retention (look_at) WHERE look_at IS NOT NULL;
CREATE INDEX retention_over ON retention (over_since) WHERE over_since IS NOT NULL AND erasing_since IS NULL;
CREATE INDEX retention_due ON retention (erase_at) WHERE erase_at IS NOT NULL AND erasing_since IS NULL;
CREATE INDEX retention_erasing ON retention (erasing_since) WHERE erasing_since IS NOT NULL AND erased_at IS NULL;
CREATE INDEX retention_erased ON retention (erased_at) WHERE erased_at IS NOT NULL;
CREATE INDEX retention_failing ON retention (failed_at) WHERE failed_at IS NOT NULL;

-- Data that is kept longer than that for legal reasons, one petition's.
CREATE TABLE retention_holds (
  petition_no INTEGER PRIMARY KEY REFERENCES petitions (no) ON DELETE CASCADE,
  reason      TEXT NOT NULL CHECK (length(reason) BETWEEN 1 AND 1000),
  until       INTEGER NOT NULL,  -- from here on it holds nothing any more
  held_by     TEXT NOT NULL,     -- as audit.actor
  held_at     INTEGER NOT NULL
) STRICT;

-- When a petition was rejected or hidden only the audit log knows.
INSERT INTO retention (petition_no, look_at, over_since)
  SELECT no, 0, CASE
    WHEN state = 'closed' OR state = 'stopped' THEN ended_at
    WHEN state = 'rejected' OR state = 'hidden' THEN coalesce((SELECT max(at) FROM audit
      WHERE subject = 'pet_' || petitions.id AND (act = 'petition.reject' OR act = 'petition.hide')), ended_at, created_at)
    END FROM petitions;

CREATE TRIGGER retention_begin AFTER INSERT ON petitions
BEGIN
  INSERT INTO retention (petition_no, look_at, over_since) VALUES (NEW.no, CAST(unixepoch('subsec') * 1000 AS INTEGER) + 86400000,
    iif(NEW.state IN ('closed', 'stopped', 'rejected', 'hidden'), coalesce(NEW.ended_at, NEW.created_at), NULL));
END;

-- Hiding what has closed does not begin the time anew.
CREATE TRIGGER retention_over AFTER UPDATE OF state ON petitions
WHEN NEW.state IN ('closed', 'stopped', 'rejected', 'hidden') AND OLD.state NOT IN ('closed', 'stopped', 'rejected', 'hidden')
BEGIN
  UPDATE retention SET over_since = CASE WHEN NEW.state = 'closed' OR NEW.state = 'stopped' THEN NEW.ended_at
    ELSE CAST(unixepoch('subsec') * 1000 AS INTEGER) END, erase_at = NULL, erase_plan = NULL WHERE petition_no = NEW.no;
END;

CREATE TRIGGER retention_goes_on AFTER UPDATE OF state ON petitions
WHEN OLD.state IN ('closed', 'stopped', 'rejected', 'hidden') AND NEW.state NOT IN ('closed', 'stopped', 'rejected', 'hidden')
BEGIN
  UPDATE retention SET over_since = NULL, erase_at = NULL, erase_plan = NULL WHERE petition_no = NEW.no;
END;

-- A petition without its secret could never seal a signature.
CREATE TRIGGER erased_stays_over BEFORE UPDATE OF state ON petitions
WHEN OLD.secret IS NULL AND OLD.state IN ('closed', 'stopped', 'rejected', 'hidden')
  AND NEW.state NOT IN ('closed', 'stopped', 'rejected', 'hidden')
BEGIN
  SELECT RAISE(ABORT, 'petition_erased');
END;

-- A secret that was destroyed does not come back, and nobody gets another one.
CREATE TRIGGER erased_stays_erased BEFORE UPDATE OF secret ON petitions
WHEN OLD.secret IS NULL AND NEW.secret IS NOT NULL
  AND EXISTS (SELECT 1 FROM retention WHERE petition_no = NEW.no AND erasing_since IS NOT NULL)
BEGIN
  SELECT RAISE(ABORT, 'petition_erased');
END;

-- Taking signatures out and giving them back tells withdrawn ones by what is left of them: not while that is being erased,
-- nor afterwards.
CREATE TRIGGER erasing_waits_for_runs BEFORE UPDATE OF erasing_since ON retention
WHEN NEW.erasing_since IS NOT NULL AND OLD.erasing_since IS NULL AND EXISTS (SELECT 1 FROM invalidations
  WHERE petition_no = NEW.petition_no AND (state = 'running' OR state = 'undoing'))
BEGIN
  SELECT RAISE(ABORT, 'runs_under_way');
END;

CREATE TRIGGER no_run_on_erased BEFORE INSERT ON invalidations
WHEN EXISTS (SELECT 1 FROM retention WHERE petition_no = NEW.petition_no AND erasing_since IS NOT NULL)
BEGIN
  SELECT RAISE(ABORT, 'petition_erased');
END;

CREATE TRIGGER no_undo_on_erased BEFORE UPDATE OF state ON invalidations
WHEN NEW.state = 'undoing' AND OLD.state <> 'undoing'
  AND EXISTS (SELECT 1 FROM retention WHERE petition_no = NEW.petition_no AND erasing_since IS NOT NULL)
BEGIN
  SELECT RAISE(ABORT, 'petition_erased');
END;
