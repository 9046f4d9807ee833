-- Reviewing what is held, and taking signatures out: why, by which run, and how many.
-- An ordinary signature reads and writes nothing of this.

-- ---------------------------------------------------------------- runs

-- One act of staff on signatures of a petition: taking out, or releasing from a hold, those that meet all conditions.
-- It goes through the petition in batches; `cursor` says how far it has come, and two that work on it at once know by it
-- who was first. What a single act does is a run too, over from the beginning, so that it can be undone the same way.
CREATE TABLE invalidations (
  id          TEXT PRIMARY KEY CHECK (length(id) = 36),  -- UUIDv7: the order of time
  petition_no INTEGER NOT NULL REFERENCES petitions (no),
  act         TEXT NOT NULL CHECK (act = 'invalidate' OR act = 'release'),
  reason      TEXT,
  conditions  TEXT NOT NULL CHECK (json_type(conditions) = 'object'),  -- codes, times, and keyed hashes; nothing in clear
  state       TEXT NOT NULL CHECK (state = 'running' OR state = 'done' OR state = 'cancelled' OR state = 'undoing' OR state = 'undone'),
  cursor      TEXT NOT NULL DEFAULT '[]' CHECK (json_type(cursor) = 'array'),  -- the last signature looked at
  next        TEXT CHECK (json_type(next) = 'array'),    -- where the batch that is being done ends; NULL: with the petition
  changed     INTEGER NOT NULL DEFAULT 0 CHECK (changed >= 0),    -- signatures taken out, or released
  restored    INTEGER NOT NULL DEFAULT 0 CHECK (restored >= 0),   -- given back by undoing it
  withdrawn   INTEGER NOT NULL DEFAULT 0 CHECK (withdrawn >= 0),  -- not given back: their people had withdrawn
  creator     INTEGER NOT NULL DEFAULT 0 CHECK (creator IN (0, 1)),  -- whether the creator's met the conditions, and stays
  actor       TEXT NOT NULL,     -- as audit.actor
  created_at  INTEGER NOT NULL,  -- what is accepted later is not looked at
  touched_at  INTEGER NOT NULL,  -- when the last batch was done
  ended_at    INTEGER,
  CHECK ((act = 'invalidate') = (reason IS NOT NULL))
) STRICT, WITHOUT ROWID;

-- The sweeper reads what is under way, not what is over.
CREATE INDEX invalidations_active ON invalidations (id) WHERE state = 'running' OR state = 'undoing';

-- ---------------------------------------------------------------- signatures

-- Why a signature was taken out, and by which run (its id's 16 bytes): an undo gives back what its own run took.
-- Without an index: runs go through the petition.
ALTER TABLE signatures ADD COLUMN invalidated_reason TEXT CHECK (invalidated_reason IS NULL OR state = 'invalidated' AND (
  invalidated_reason = 'bots' OR invalidated_reason = 'duplicates' OR invalidated_reason = 'disposable'
  OR invalidated_reason = 'not_eligible' OR invalidated_reason = 'false_identity' OR invalidated_reason = 'on_request'
  OR invalidated_reason = 'test'));
ALTER TABLE signatures ADD COLUMN invalidation BLOB CHECK (invalidation IS NULL OR length(invalidation) = 16 AND invalidated_reason IS NOT NULL);

-- Undoing gives back the withdrawal, too, of somebody who withdrew while the signature was taken out.
DROP TRIGGER signature_transition;
CREATE TRIGGER signature_transition BEFORE UPDATE OF state ON signatures
WHEN NEW.state <> OLD.state AND instr(CASE OLD.state
  WHEN 'pending'     THEN ' verified withdrawn invalidated '
  WHEN 'verified'    THEN ' withdrawn invalidated '
  WHEN 'withdrawn'   THEN ' pending '
  WHEN 'invalidated' THEN ' pending verified withdrawn '
  END, ' ' || NEW.state || ' ') = 0
BEGIN
  SELECT RAISE(ABORT, 'signature_transition');
END;

-- Reviving must not bring a third name, or a second household, into a mailbox: such a row stays as it is, and the others
-- of the same statement go on.
DROP TRIGGER signature_revival;
CREATE TRIGGER signature_revival BEFORE UPDATE OF state ON signatures
WHEN OLD.state = 'invalidated' AND (NEW.state = 'pending' OR NEW.state = 'verified')
BEGIN
  SELECT RAISE(IGNORE) FROM (
    SELECT count(*) AS names, max(other.postcode_hash IS NOT NEW.postcode_hash) AS elsewhere FROM signatures AS other
    WHERE other.petition_no = NEW.petition_no AND other.email_hash = NEW.email_hash
      AND other.person_hash <> NEW.person_hash AND (other.state = 'pending' OR other.state = 'verified')
  ) WHERE names >= 2 OR elsewhere;
END;

-- ---------------------------------------------------------------- tallies

-- Held signatures that are pending or verified, by reason.
CREATE TABLE hold_tallies (
  petition_no INTEGER NOT NULL REFERENCES petitions (no),
  hold        TEXT NOT NULL,
  pending     INTEGER NOT NULL CHECK (pending >= 0),
  verified    INTEGER NOT NULL CHECK (verified >= 0),
  PRIMARY KEY (petition_no, hold)
) STRICT, WITHOUT ROWID;

-- Invalidated signatures by reason; 'unstated' for those without one.
CREATE TABLE invalidation_tallies (
  petition_no INTEGER NOT NULL REFERENCES petitions (no),
  reason      TEXT NOT NULL,
  invalidated INTEGER NOT NULL CHECK (invalidated >= 0),
  PRIMARY KEY (petition_no, reason)
) STRICT, WITHOUT ROWID;

INSERT INTO hold_tallies
  SELECT petition_no, hold, sum(state = 'pending'), sum(state = 'verified') FROM signatures
  WHERE hold IS NOT NULL AND (state = 'pending' OR state = 'verified') GROUP BY petition_no, hold;
INSERT INTO invalidation_tallies
  SELECT petition_no, 'unstated', invalidated FROM petition_tallies WHERE invalidated > 0;

-- Since when something has been held for a reason without a break: what the overview reads. Written only when the first
-- comes and the last goes.
CREATE TABLE holds_waiting (
  petition_no INTEGER NOT NULL REFERENCES petitions (no),
  hold        TEXT NOT NULL,
  since       INTEGER NOT NULL,
  PRIMARY KEY (petition_no, hold)
) STRICT, WITHOUT ROWID;

-- The overview shows the longest waiting without reading all.
CREATE INDEX holds_waiting_since ON holds_waiting (since);

INSERT INTO holds_waiting
  SELECT petition_no, hold, min(accepted_at) FROM signatures
  WHERE hold IS NOT NULL AND (state = 'pending' OR state = 'verified') GROUP BY petition_no, hold;

CREATE TRIGGER holds_wait_first AFTER INSERT ON hold_tallies
WHEN NEW.pending + NEW.verified > 0
BEGIN
  INSERT INTO holds_waiting VALUES (NEW.petition_no, NEW.hold, CAST(unixepoch('subsec') * 1000 AS INTEGER)) ON CONFLICT DO NOTHING;
END;

CREATE TRIGGER holds_wait_again AFTER UPDATE OF pending, verified ON hold_tallies
WHEN NEW.pending + NEW.verified > 0 AND OLD.pending + OLD.verified = 0
BEGIN
  INSERT INTO holds_waiting VALUES (NEW.petition_no, NEW.hold, CAST(unixepoch('subsec') * 1000 AS INTEGER)) ON CONFLICT DO NOTHING;
END;

CREATE TRIGGER holds_wait_no_more AFTER UPDATE OF pending, verified ON hold_tallies
WHEN NEW.pending + NEW.verified = 0
BEGIN
  DELETE FROM holds_waiting WHERE petition_no = NEW.petition_no AND hold = NEW.hold;
END;

CREATE TRIGGER holds_wait_gone AFTER DELETE ON hold_tallies
BEGIN
  DELETE FROM holds_waiting WHERE petition_no = OLD.petition_no AND hold = OLD.hold;
END;

-- One definition of moving each tally, for the triggers below.
CREATE VIEW hold_moves AS SELECT 0 AS petition_no, '' AS hold, 0 AS pending, 0 AS verified WHERE 0;

CREATE TRIGGER hold_moves_apply INSTEAD OF INSERT ON hold_moves
BEGIN
  INSERT INTO hold_tallies VALUES (NEW.petition_no, NEW.hold, max(NEW.pending, 0), max(NEW.verified, 0))
    ON CONFLICT DO UPDATE SET pending = pending + NEW.pending, verified = verified + NEW.verified;
END;

CREATE TRIGGER hold_insert AFTER INSERT ON signatures
WHEN NEW.hold IS NOT NULL AND (NEW.state = 'pending' OR NEW.state = 'verified')
BEGIN
  INSERT INTO hold_moves VALUES (NEW.petition_no, NEW.hold, NEW.state = 'pending', NEW.state = 'verified');
END;

CREATE TRIGGER hold_delete AFTER DELETE ON signatures
WHEN OLD.hold IS NOT NULL AND (OLD.state = 'pending' OR OLD.state = 'verified')
BEGIN
  INSERT INTO hold_moves VALUES (OLD.petition_no, OLD.hold, -(OLD.state = 'pending'), -(OLD.state = 'verified'));
END;

CREATE TRIGGER hold_leaves AFTER UPDATE OF state, hold ON signatures
WHEN OLD.hold IS NOT NULL AND (OLD.state = 'pending' OR OLD.state = 'verified')
  AND (NEW.hold IS NOT OLD.hold OR NEW.state = 'withdrawn' OR NEW.state = 'invalidated')
BEGIN
  INSERT INTO hold_moves VALUES (OLD.petition_no, OLD.hold, -(OLD.state = 'pending'), -(OLD.state = 'verified'));
END;

CREATE TRIGGER hold_enters AFTER UPDATE OF state, hold ON signatures
WHEN NEW.hold IS NOT NULL AND (NEW.state = 'pending' OR NEW.state = 'verified')
  AND (NEW.hold IS NOT OLD.hold OR OLD.state = 'withdrawn' OR OLD.state = 'invalidated')
BEGIN
  INSERT INTO hold_moves VALUES (NEW.petition_no, NEW.hold, NEW.state = 'pending', NEW.state = 'verified');
END;

-- Held before and after, and verified in between: one move, so that nothing seems to begin to wait.
CREATE TRIGGER hold_verified AFTER UPDATE OF state ON signatures
WHEN NEW.hold IS NOT NULL AND NEW.hold IS OLD.hold AND NEW.state <> OLD.state
  AND (OLD.state = 'pending' OR OLD.state = 'verified') AND (NEW.state = 'pending' OR NEW.state = 'verified')
BEGIN
  INSERT INTO hold_moves VALUES (NEW.petition_no, NEW.hold, (NEW.state = 'pending') - (OLD.state = 'pending'),
    (NEW.state = 'verified') - (OLD.state = 'verified'));
END;

CREATE VIEW invalidation_moves AS SELECT 0 AS petition_no, '' AS reason, 0 AS step WHERE 0;

CREATE TRIGGER invalidation_moves_apply INSTEAD OF INSERT ON invalidation_moves
BEGIN
  INSERT INTO invalidation_tallies VALUES (NEW.petition_no, coalesce(NEW.reason, 'unstated'), max(NEW.step, 0))
    ON CONFLICT DO UPDATE SET invalidated = invalidated + NEW.step;
END;

CREATE TRIGGER invalidation_insert AFTER INSERT ON signatures
WHEN NEW.state = 'invalidated'
BEGIN
  INSERT INTO invalidation_moves VALUES (NEW.petition_no, NEW.invalidated_reason, 1);
END;

CREATE TRIGGER invalidation_delete AFTER DELETE ON signatures
WHEN OLD.state = 'invalidated'
BEGIN
  INSERT INTO invalidation_moves VALUES (OLD.petition_no, OLD.invalidated_reason, -1);
END;

CREATE TRIGGER invalidation_ends AFTER UPDATE OF state, invalidated_reason ON signatures
WHEN OLD.state = 'invalidated' AND (NEW.state <> 'invalidated' OR NEW.invalidated_reason IS NOT OLD.invalidated_reason)
BEGIN
  INSERT INTO invalidation_moves VALUES (OLD.petition_no, OLD.invalidated_reason, -1);
END;

CREATE TRIGGER invalidation_begins AFTER UPDATE OF state, invalidated_reason ON signatures
WHEN NEW.state = 'invalidated' AND (OLD.state <> 'invalidated' OR NEW.invalidated_reason IS NOT OLD.invalidated_reason)
BEGIN
  INSERT INTO invalidation_moves VALUES (NEW.petition_no, NEW.invalidated_reason, 1);
END;
