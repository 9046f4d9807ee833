-- What counts say beyond how many: the way from submission to verified, daily public breakdowns, and counts across petitions.

-- ---------------------------------------------------------------- the way from submission to verified

-- How long somebody took to verify, in steps of the fourth root of two: step n is from 2^(n/4) to 2^((n+1)/4) seconds, and
-- step 0 also what is shorter. Computed, not stored: one definition for tallies and recounts.
ALTER TABLE signatures ADD COLUMN verify_step INTEGER
  AS (CAST(4 * log2(max(verified_at - accepted_at, 1000) / 1000.0) AS INTEGER)) VIRTUAL;

-- When the submission was first repeated, after which a mail may not be the first. By the clock that made the jobs of mail.
ALTER TABLE signatures ADD COLUMN repeated_at INTEGER;

-- All in the one row that each signature writes anyway. What has happened, and is never taken back: a recount of the rows
-- can't find it, because rows are deleted and renewed.
ALTER TABLE petition_tallies ADD COLUMN funnel_submitted INTEGER NOT NULL DEFAULT 0 CHECK (funnel_submitted >= 0);
ALTER TABLE petition_tallies ADD COLUMN funnel_mailed INTEGER NOT NULL DEFAULT 0 CHECK (funnel_mailed >= 0);
ALTER TABLE petition_tallies ADD COLUMN funnel_verified INTEGER NOT NULL DEFAULT 0 CHECK (funnel_verified >= 0);
-- Of the signatures that count by e-mail: {verify_step: how many}.
ALTER TABLE petition_tallies ADD COLUMN verify_steps TEXT NOT NULL DEFAULT '{}' CHECK (json_type(verify_steps) = 'object');
-- How often a signature has begun to count; less `verified`, how often one has ceased to.
ALTER TABLE petition_tallies ADD COLUMN begun INTEGER NOT NULL DEFAULT 0 CHECK (begun >= 0);
-- The petition's, so that whether somebody may read its counts costs no second row.
ALTER TABLE petition_tallies ADD COLUMN department_code TEXT;
-- How many rows the petition has in the tables of these names: who knows it reads none behind the last.
ALTER TABLE petition_tallies ADD COLUMN areas INTEGER NOT NULL DEFAULT 0 CHECK (areas >= 0);
ALTER TABLE petition_tallies ADD COLUMN channels INTEGER NOT NULL DEFAULT 0 CHECK (channels >= 0);
ALTER TABLE petition_tallies ADD COLUMN hours INTEGER NOT NULL DEFAULT 0 CHECK (hours >= 0);

-- Of what is there already: what has a row was submitted and mailed; what was deleted before is not known any more.
UPDATE petition_tallies SET begun = verified,
  areas = (SELECT count(*) FROM area_tallies AS t WHERE t.petition_no = petition_tallies.petition_no),
  channels = (SELECT count(*) FROM channel_tallies AS t WHERE t.petition_no = petition_tallies.petition_no),
  hours = (SELECT count(*) FROM hour_tallies AS t WHERE t.petition_no = petition_tallies.petition_no),
  department_code = (SELECT department_code FROM petitions WHERE no = petition_no),
  (funnel_submitted, funnel_mailed, funnel_verified) = (SELECT count(*), count(*), count(verified_at) FROM signatures
    WHERE signatures.petition_no = petition_tallies.petition_no AND assurance = 'email'),
  verify_steps = (SELECT json_group_object(verify_step, n) FROM (SELECT verify_step, count(*) AS n FROM signatures
    WHERE signatures.petition_no = petition_tallies.petition_no AND assurance = 'email' AND state = 'verified' AND hold IS NULL
    GROUP BY 1));

DROP TRIGGER petition_tally_begin;
CREATE TRIGGER petition_tally_begin AFTER INSERT ON petitions
BEGIN
  INSERT INTO petition_tallies (petition_no, petition_id, public, department_code)
    VALUES (NEW.no, NEW.id, NEW.state IN ('open', 'closed', 'rejected', 'stopped'), NEW.department_code);
END;

CREATE TRIGGER petition_tally_department AFTER UPDATE OF department_code ON petitions
WHEN NEW.department_code IS NOT OLD.department_code
BEGIN
  UPDATE petition_tallies SET department_code = NEW.department_code WHERE petition_no = NEW.no;
END;

-- As before, and the funnel. A signature that was verified as it came had its mail.
DROP TRIGGER tally_insert;
CREATE TRIGGER tally_insert AFTER INSERT ON signatures
BEGIN
  UPDATE petition_tallies SET
    pending              = pending              + (NEW.state = 'pending' AND NEW.hold IS NULL),
    verified             = verified             + (NEW.state = 'verified' AND NEW.hold IS NULL),
    quarantined_pending  = quarantined_pending  + (NEW.state = 'pending' AND NEW.hold IS NOT NULL),
    quarantined_verified = quarantined_verified + (NEW.state = 'verified' AND NEW.hold IS NOT NULL),
    invalidated          = invalidated          + (NEW.state = 'invalidated'),
    withdrawn            = withdrawn            + (NEW.state = 'withdrawn'),
    email    = email    + (NEW.state = 'verified' AND NEW.hold IS NULL AND NEW.assurance = 'email'),
    register = register + (NEW.state = 'verified' AND NEW.hold IS NULL AND NEW.assurance = 'register'),
    paper    = paper    + (NEW.state = 'verified' AND NEW.hold IS NULL AND NEW.assurance = 'paper'),
    eid      = eid      + (NEW.state = 'verified' AND NEW.hold IS NULL AND NEW.assurance = 'eid'),
    locales  = iif(NEW.state = 'verified' AND NEW.hold IS NULL,
      json_set(locales, '$."' || NEW.locale || '"', coalesce(locales ->> NEW.locale, 0) + 1), locales),
    funnel_submitted = funnel_submitted + (NEW.assurance = 'email'),
    funnel_mailed    = funnel_mailed    + (NEW.assurance = 'email' AND NEW.verified_at IS NOT NULL),
    funnel_verified  = funnel_verified  + (NEW.assurance = 'email' AND NEW.verified_at IS NOT NULL),
    verify_steps = iif(NEW.state = 'verified' AND NEW.hold IS NULL AND NEW.assurance = 'email', json_set(verify_steps,
      '$."' || NEW.verify_step || '"', coalesce(verify_steps ->> ('$."' || NEW.verify_step || '"'), 0) + 1), verify_steps),
    begun = begun + (NEW.state = 'verified' AND NEW.hold IS NULL)
  WHERE petition_no = NEW.petition_no;
  SELECT RAISE(ABORT, 'signature_without_petition') WHERE changes() = 0;
END;

DROP TRIGGER tally_delete;
CREATE TRIGGER tally_delete AFTER DELETE ON signatures
BEGIN
  UPDATE petition_tallies SET
    pending              = pending              - (OLD.state = 'pending' AND OLD.hold IS NULL),
    verified             = verified             - (OLD.state = 'verified' AND OLD.hold IS NULL),
    quarantined_pending  = quarantined_pending  - (OLD.state = 'pending' AND OLD.hold IS NOT NULL),
    quarantined_verified = quarantined_verified - (OLD.state = 'verified' AND OLD.hold IS NOT NULL),
    invalidated          = invalidated          - (OLD.state = 'invalidated'),
    withdrawn            = withdrawn            - (OLD.state = 'withdrawn'),
    email    = email    - (OLD.state = 'verified' AND OLD.hold IS NULL AND OLD.assurance = 'email'),
    register = register - (OLD.state = 'verified' AND OLD.hold IS NULL AND OLD.assurance = 'register'),
    paper    = paper    - (OLD.state = 'verified' AND OLD.hold IS NULL AND OLD.assurance = 'paper'),
    eid      = eid      - (OLD.state = 'verified' AND OLD.hold IS NULL AND OLD.assurance = 'eid'),
    locales  = iif(OLD.state = 'verified' AND OLD.hold IS NULL,
      json_set(locales, '$."' || OLD.locale || '"', (locales ->> OLD.locale) - 1), locales),
    verify_steps = iif(OLD.state = 'verified' AND OLD.hold IS NULL AND OLD.assurance = 'email', json_set(verify_steps,
      '$."' || OLD.verify_step || '"', (verify_steps ->> ('$."' || OLD.verify_step || '"')) - 1), verify_steps)
  WHERE petition_no = OLD.petition_no;
END;

DROP TRIGGER tally_update;
CREATE TRIGGER tally_update AFTER UPDATE OF state, hold ON signatures
WHEN NEW.state <> OLD.state OR (NEW.hold IS NULL) <> (OLD.hold IS NULL)
BEGIN
  UPDATE petition_tallies SET
    pending              = pending + (NEW.state = 'pending' AND NEW.hold IS NULL) - (OLD.state = 'pending' AND OLD.hold IS NULL),
    verified             = verified + (NEW.state = 'verified' AND NEW.hold IS NULL) - (OLD.state = 'verified' AND OLD.hold IS NULL),
    quarantined_pending  = quarantined_pending + (NEW.state = 'pending' AND NEW.hold IS NOT NULL) - (OLD.state = 'pending' AND OLD.hold IS NOT NULL),
    quarantined_verified = quarantined_verified + (NEW.state = 'verified' AND NEW.hold IS NOT NULL) - (OLD.state = 'verified' AND OLD.hold IS NOT NULL),
    invalidated          = invalidated + (NEW.state = 'invalidated') - (OLD.state = 'invalidated'),
    withdrawn            = withdrawn + (NEW.state = 'withdrawn') - (OLD.state = 'withdrawn'),
    email    = email    + (NEW.state = 'verified' AND NEW.hold IS NULL AND NEW.assurance = 'email') - (OLD.state = 'verified' AND OLD.hold IS NULL AND OLD.assurance = 'email'),
    register = register + (NEW.state = 'verified' AND NEW.hold IS NULL AND NEW.assurance = 'register') - (OLD.state = 'verified' AND OLD.hold IS NULL AND OLD.assurance = 'register'),
    paper    = paper    + (NEW.state = 'verified' AND NEW.hold IS NULL AND NEW.assurance = 'paper') - (OLD.state = 'verified' AND OLD.hold IS NULL AND OLD.assurance = 'paper'),
    eid      = eid      + (NEW.state = 'verified' AND NEW.hold IS NULL AND NEW.assurance = 'eid') - (OLD.state = 'verified' AND OLD.hold IS NULL AND OLD.assurance = 'eid'),
    locales  = CASE (NEW.state = 'verified' AND NEW.hold IS NULL) - (OLD.state = 'verified' AND OLD.hold IS NULL)
      WHEN 1 THEN json_set(locales, '$."' || NEW.locale || '"', coalesce(locales ->> NEW.locale, 0) + 1)
      WHEN -1 THEN json_set(locales, '$."' || OLD.locale || '"', (locales ->> OLD.locale) - 1)
      ELSE locales END,
    funnel_submitted = funnel_submitted + (OLD.state = 'withdrawn' AND NEW.state = 'pending' AND NEW.assurance = 'email'),
    funnel_verified  = funnel_verified + (OLD.state = 'pending' AND NEW.state = 'verified' AND NEW.assurance = 'email'),
    verify_steps = CASE (NEW.state = 'verified' AND NEW.hold IS NULL AND NEW.assurance = 'email')
        - (OLD.state = 'verified' AND OLD.hold IS NULL AND OLD.assurance = 'email')
      WHEN 1 THEN json_set(verify_steps, '$."' || NEW.verify_step || '"',
        coalesce(verify_steps ->> ('$."' || NEW.verify_step || '"'), 0) + 1)
      WHEN -1 THEN json_set(verify_steps, '$."' || OLD.verify_step || '"',
        (verify_steps ->> ('$."' || OLD.verify_step || '"')) - 1)
      ELSE verify_steps END,
    begun = begun + (NEW.state = 'verified' AND NEW.hold IS NULL AND NOT (OLD.state = 'verified' AND OLD.hold IS NULL))
  WHERE petition_no = NEW.petition_no;
END;

-- Should the times of a signature change while it counts.
CREATE TRIGGER tally_times AFTER UPDATE OF accepted_at, verified_at ON signatures
WHEN OLD.state = 'verified' AND OLD.hold IS NULL AND NEW.state = 'verified' AND NEW.hold IS NULL
  AND NEW.assurance = 'email' AND NEW.verify_step <> OLD.verify_step
BEGIN
  UPDATE petition_tallies SET verify_steps = json_set(verify_steps,
    '$."' || OLD.verify_step || '"', (verify_steps ->> ('$."' || OLD.verify_step || '"')) - 1,
    '$."' || NEW.verify_step || '"', coalesce(verify_steps ->> ('$."' || NEW.verify_step || '"'), 0) + 1)
  WHERE petition_no = NEW.petition_no;
END;

-- One trigger a table: an INSERT from a SELECT into a table with a trigger would read its row once more.
DROP TRIGGER counted_moves_apply;
CREATE TRIGGER counted_moves_hour INSTEAD OF INSERT ON counted_moves
BEGIN
  INSERT INTO hour_tallies (petition_no, hour, verified) VALUES (NEW.petition_no, NEW.hour, max(NEW.step, 0))
    ON CONFLICT DO UPDATE SET verified = verified + NEW.step;
END;

CREATE TRIGGER counted_moves_area INSTEAD OF INSERT ON counted_moves
WHEN NEW.area_code IS NOT NULL
BEGIN
  INSERT INTO area_tallies (petition_no, area_code, verified) VALUES (NEW.petition_no, NEW.area_code, max(NEW.step, 0))
    ON CONFLICT DO UPDATE SET verified = verified + NEW.step;
END;

CREATE TRIGGER counted_moves_channel INSTEAD OF INSERT ON counted_moves
WHEN NEW.channel IS NOT NULL
BEGIN
  INSERT INTO channel_tallies (petition_no, channel, verified) VALUES (NEW.petition_no, NEW.channel, max(NEW.step, 0))
    ON CONFLICT DO UPDATE SET verified = verified + NEW.step;
END;

CREATE TRIGGER area_tally_new AFTER INSERT ON area_tallies
BEGIN
  UPDATE petition_tallies SET areas = areas + 1 WHERE petition_no = NEW.petition_no;
END;

CREATE TRIGGER channel_tally_new AFTER INSERT ON channel_tallies
BEGIN
  UPDATE petition_tallies SET channels = channels + 1 WHERE petition_no = NEW.petition_no;
END;

CREATE TRIGGER hour_tally_new AFTER INSERT ON hour_tallies
BEGIN
  UPDATE petition_tallies SET hours = hours + 1 WHERE petition_no = NEW.petition_no;
END;

-- ---------------------------------------------------------------- names

-- The names of areas and channels in one row: whoever reads counts needs them all, and a row is a row read.
CREATE TABLE count_labels (
  one      INTEGER PRIMARY KEY CHECK (one = 1),
  areas    TEXT NOT NULL CHECK (json_type(areas) = 'object'),     -- {code: {name, population}}
  channels TEXT NOT NULL CHECK (json_type(channels) = 'object')   -- {code: {label, owner, partner}}
) STRICT;

INSERT INTO count_labels SELECT 1,
  (SELECT json_group_object(code, json_object('name', name, 'population', population)) FROM areas),
  (SELECT json_group_object(code, json_object('label', label, 'owner', owner, 'partner', partner)) FROM channels);

CREATE TRIGGER count_labels_area_insert AFTER INSERT ON areas
BEGIN
  UPDATE count_labels SET areas = json_patch(areas, json_object(NEW.code, json_object('name', NEW.name, 'population', NEW.population)));
END;

CREATE TRIGGER count_labels_area_update AFTER UPDATE ON areas
BEGIN
  UPDATE count_labels SET areas = json_patch(areas, json_object(OLD.code, NULL));
  UPDATE count_labels SET areas = json_patch(areas, json_object(NEW.code, json_object('name', NEW.name, 'population', NEW.population)));
END;

CREATE TRIGGER count_labels_area_delete AFTER DELETE ON areas
BEGIN
  UPDATE count_labels SET areas = json_patch(areas, json_object(OLD.code, NULL));
END;

CREATE TRIGGER count_labels_channel_insert AFTER INSERT ON channels
BEGIN
  UPDATE count_labels SET channels = json_patch(channels, json_object(NEW.code, json_object('label', NEW.label, 'owner', NEW.owner, 'partner', NEW.partner)));
END;

CREATE TRIGGER count_labels_channel_update AFTER UPDATE ON channels
BEGIN
  UPDATE count_labels SET channels = json_patch(channels, json_object(OLD.code, NULL));
  UPDATE count_labels SET channels = json_patch(channels, json_object(NEW.code, json_object('label', NEW.label, 'owner', NEW.owner, 'partner', NEW.partner)));
END;

CREATE TRIGGER count_labels_channel_delete AFTER DELETE ON channels
BEGIN
  UPDATE count_labels SET channels = json_patch(channels, json_object(OLD.code, NULL));
END;

-- ---------------------------------------------------------------- what the public reads by area, day and channel

-- Taken at most once a day, and only when enough has moved: src/counts/breakdown.ts says why. One row a petition, and
-- nothing in it that is not published.
CREATE TABLE breakdowns (
  petition_no INTEGER PRIMARY KEY REFERENCES petitions (no) ON DELETE CASCADE,
  day         TEXT NOT NULL CHECK (day GLOB '20??-??-??'),      -- the municipality's, on which it was taken
  taken_at    INTEGER NOT NULL,
  verified    INTEGER NOT NULL,                                 -- from which the next rise is measured
  gone        INTEGER NOT NULL,                                 -- from which the next fall is measured
  cells       TEXT NOT NULL CHECK (json_type(cells) = 'object') -- {dimension: [{key, label, count}]}
) STRICT;

-- ---------------------------------------------------------------- counts across petitions

-- Every petition but drafts, as an hourly job found it: one row says what a list of counts says of a petition.
CREATE TABLE petition_snapshots (
  petition_no     INTEGER PRIMARY KEY REFERENCES petitions (no) ON DELETE CASCADE,
  moves           INTEGER NOT NULL,  -- signatures that had begun or ceased to count: the same number means the same counts
  petition_id     TEXT NOT NULL,
  title           TEXT NOT NULL,
  state           TEXT NOT NULL,
  department_code TEXT,
  area_code       TEXT,
  topics          TEXT NOT NULL CHECK (json_type(topics) = 'array'),
  verified        INTEGER NOT NULL,
  days            TEXT NOT NULL CHECK (json_type(days) = 'object'),  -- {day: counted signatures verified on it}
  areas           TEXT NOT NULL CHECK (json_type(areas) = 'object')  -- {area: counted signatures from it}
) STRICT;

-- The sums of these for every department, area and topic, and for each combination that a petition has; '' stands for all.
CREATE TABLE count_snapshots (
  department_code TEXT NOT NULL,
  area_code       TEXT NOT NULL,
  topic_code      TEXT NOT NULL,
  taken_at        INTEGER NOT NULL,
  petitions       TEXT NOT NULL CHECK (json_type(petitions) = 'array'),  -- their numbers, the most signed first
  verified        INTEGER NOT NULL,
  days            TEXT NOT NULL CHECK (json_type(days) = 'object'),
  areas           TEXT NOT NULL CHECK (json_type(areas) = 'object'),
  PRIMARY KEY (department_code, area_code, topic_code)
) STRICT, WITHOUT ROWID;
