-- What watches over the counts: recounts of the tallies, and alarms.

-- ---------------------------------------------------------------- reconciliation

-- When each petition was last recounted, and when it is again.
CREATE TABLE reconciliations (
  petition_no   INTEGER PRIMARY KEY REFERENCES petitions (no) ON DELETE CASCADE,
  due_at        INTEGER NOT NULL,
  reconciled_at INTEGER,  -- when the tallies last equalled a recount, or were made to
  repaired_at   INTEGER   -- when they last had to be made to
) STRICT;

-- A job each minute reads what is due, not every petition. One entry a petition and day.
CREATE INDEX reconciliations_due ON reconciliations (due_at);

INSERT INTO reconciliations (petition_no, due_at) SELECT no, 0 FROM petitions;

CREATE TRIGGER reconciliation_begin AFTER INSERT ON petitions
BEGIN
  INSERT INTO reconciliations (petition_no, due_at) VALUES (NEW.no, 0);
END;

-- A recount on its way through a petition's rows, in the order of their key; deleted when it is done.
CREATE TABLE recounts (
  petition_no INTEGER PRIMARY KEY REFERENCES petitions (no) ON DELETE CASCADE,
  begun_at    INTEGER NOT NULL,
  pass        INTEGER NOT NULL DEFAULT 1,
  passed      BLOB NOT NULL DEFAULT x'',  -- mailboxes up to here are counted; nine bytes, and so above every one, at the end
  upto        BLOB NOT NULL DEFAULT x'',  -- where the slice ends that is being counted
  cells       TEXT NOT NULL DEFAULT '{}' CHECK (json_type(cells) = 'object'),   -- {tally:key: rows counted so far}
  difference  TEXT CHECK (json_type(difference) = 'object')  -- what the pass before found; NULL in the first
) STRICT, WITHOUT ROWID;

-- What moved among rows that a recount had passed already: with these it stands, at each moment, exactly for all rows
-- up to `passed`. The columns are all those that a tally depends on.
CREATE TABLE recount_moves (
  petition_no   INTEGER NOT NULL REFERENCES petitions (no) ON DELETE CASCADE,
  step          INTEGER NOT NULL,  -- 1: such a row came; -1: one went
  state         TEXT NOT NULL,
  hold          TEXT,
  assurance     TEXT NOT NULL,
  locale        TEXT NOT NULL,
  area_code     TEXT,
  channel       TEXT,
  verified_hour TEXT,
  invalidated_reason TEXT,
  verify_step   INTEGER
) STRICT;

-- While nothing is being recounted, these find an empty table and read nothing.
CREATE TRIGGER recount_insert AFTER INSERT ON signatures
WHEN EXISTS (SELECT 1 FROM recounts WHERE petition_no = NEW.petition_no AND passed >= NEW.email_hash)
BEGIN
  INSERT INTO recount_moves VALUES (NEW.petition_no, 1, NEW.state, NEW.hold, NEW.assurance, NEW.locale, NEW.area_code,
    NEW.channel, NEW.verified_hour, NEW.invalidated_reason, NEW.verify_step);
END;

CREATE TRIGGER recount_update AFTER UPDATE OF state, hold, assurance, locale, area_code, channel, verified_hour, invalidated_reason,
  accepted_at, verified_at ON signatures
WHEN EXISTS (SELECT 1 FROM recounts WHERE petition_no = NEW.petition_no AND passed >= NEW.email_hash)
BEGIN
  INSERT INTO recount_moves VALUES
    (OLD.petition_no, -1, OLD.state, OLD.hold, OLD.assurance, OLD.locale, OLD.area_code, OLD.channel, OLD.verified_hour,
      OLD.invalidated_reason, OLD.verify_step),
    (NEW.petition_no, 1, NEW.state, NEW.hold, NEW.assurance, NEW.locale, NEW.area_code, NEW.channel, NEW.verified_hour,
      NEW.invalidated_reason, NEW.verify_step);
END;

CREATE TRIGGER recount_delete AFTER DELETE ON signatures
WHEN EXISTS (SELECT 1 FROM recounts WHERE petition_no = OLD.petition_no AND passed >= OLD.email_hash)
BEGIN
  INSERT INTO recount_moves VALUES (OLD.petition_no, -1, OLD.state, OLD.hold, OLD.assurance, OLD.locale, OLD.area_code,
    OLD.channel, OLD.verified_hour, OLD.invalidated_reason, OLD.verify_step);
END;

-- Differences between a tally and its rows that two passes agreed on, or could not agree on. Kept for good: each was a
-- number that people have read.
CREATE TABLE tally_differences (
  id          TEXT PRIMARY KEY CHECK (length(id) = 36),  -- UUIDv7: the order of time
  petition_no INTEGER NOT NULL REFERENCES petitions (no) ON DELETE CASCADE,
  found_at    INTEGER NOT NULL,
  outcome     TEXT NOT NULL CHECK (outcome = 'repaired' OR outcome = 'unsettled'),
  cells       TEXT NOT NULL CHECK (json_type(cells) = 'object')  -- {tally:key: {tally, rows}}
) STRICT, WITHOUT ROWID;

-- A petition's own differences without reading everyone's.
CREATE INDEX tally_differences_of ON tally_differences (petition_no, id);

-- ---------------------------------------------------------------- the public integrity report

-- Taken once a day. Reports that were published are not kept: their cells stand for numbers of people.
CREATE TABLE integrity_reports (
  petition_no INTEGER PRIMARY KEY REFERENCES petitions (no) ON DELETE CASCADE,
  day         TEXT NOT NULL CHECK (day GLOB '20??-??-??'),        -- the municipality's, on which it was taken
  taken_at    INTEGER NOT NULL,
  taken       TEXT NOT NULL CHECK (json_type(taken) = 'object'),  -- {group: the exact sum of its cells when they last changed}: for nobody to read
  cells       TEXT NOT NULL CHECK (json_type(cells) = 'object')   -- {group:key: as it is published}
) STRICT;

-- ---------------------------------------------------------------- alarms

-- How far the job that watches has looked: what it notes, it notes in the transaction that moves this.
CREATE TABLE watch (
  one          INTEGER PRIMARY KEY CHECK (one = 1),
  looked_until INTEGER NOT NULL
) STRICT;

INSERT INTO watch VALUES (1, 0);

-- The withdrawals that the job knows of.
CREATE TABLE watched_petitions (
  petition_no INTEGER PRIMARY KEY REFERENCES petitions (no) ON DELETE CASCADE,
  withdrawn   INTEGER NOT NULL
) STRICT;

INSERT INTO watched_petitions SELECT petition_no, withdrawn FROM petition_tallies WHERE withdrawn > 0;

-- What came in an hour, as the job saw it: one row a petition and hour, for eight days, whatever the number of signatures.
CREATE TABLE intake_hours (
  petition_no INTEGER NOT NULL REFERENCES petitions (no) ON DELETE CASCADE,
  hour        INTEGER NOT NULL,                                   -- hours since 1970 (UTC)
  submitted   INTEGER NOT NULL DEFAULT 0 CHECK (submitted >= 0),  -- that were not held
  groups      TEXT NOT NULL DEFAULT '{}' CHECK (json_type(groups) = 'object'),  -- of these: {dimension: {key: number}}, the largest
  ripe        INTEGER NOT NULL DEFAULT 0 CHECK (ripe >= 0),              -- looked at again a day later
  unverified  INTEGER NOT NULL DEFAULT 0 CHECK (unverified >= 0),        -- of these, still pending then
  withdrawals INTEGER NOT NULL DEFAULT 0 CHECK (withdrawals >= 0),
  PRIMARY KEY (petition_no, hour)
) STRICT, WITHOUT ROWID;

CREATE TABLE alarms (
  id              TEXT PRIMARY KEY CHECK (length(id) = 36),  -- UUIDv7: the order of time
  petition_no     INTEGER NOT NULL REFERENCES petitions (no) ON DELETE CASCADE,
  kind            TEXT NOT NULL CHECK (kind = 'surge' OR kind = 'night' OR kind = 'network' OR kind = 'domain'
                    OR kind = 'area' OR kind = 'channel' OR kind = 'unverified' OR kind = 'withdrawals'),
  key             TEXT NOT NULL,     -- which network or domain (keyed hashes), area or channel; else blank
  raised_at       INTEGER NOT NULL,
  seen_at         INTEGER NOT NULL,  -- its cause, last
  ended_at        INTEGER,
  evidence        TEXT NOT NULL CHECK (json_type(evidence) = 'object'),
  acknowledged_at INTEGER,
  acknowledged_by TEXT,              -- as audit.actor
  note            TEXT CHECK (length(note) BETWEEN 1 AND 1000)
) STRICT, WITHOUT ROWID;

-- One open alarm a cause, however many runs see it.
CREATE UNIQUE INDEX alarms_open ON alarms (petition_no, kind, key) WHERE ended_at IS NULL;
-- What nobody has looked at yet is read for the overview, not what there ever was.
CREATE INDEX alarms_unacknowledged ON alarms (raised_at) WHERE acknowledged_at IS NULL;
-- A petition's alarms without reading everyone's.
CREATE INDEX alarms_of ON alarms (petition_no, id);
