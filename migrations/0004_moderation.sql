-- From a creator's draft to an open petition: supporters, moderation, staff and what they did.

-- ---------------------------------------------------------------- staff

CREATE TABLE staff (
  id              TEXT PRIMARY KEY CHECK (length(id) = 36),
  name            TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 255),
  email           TEXT UNIQUE CHECK (length(email) BETWEEN 3 AND 320),  -- canonical: for single sign-on and reminders
  role            TEXT NOT NULL CHECK (role = 'viewer' OR role = 'moderator' OR role = 'admin'),
  department_code TEXT REFERENCES departments (code),                   -- NULL: sees every petition
  locale          TEXT,                                                 -- of mails; NULL: the municipality's first
  reminders       INTEGER NOT NULL DEFAULT 1 CHECK (reminders IN (0, 1)),
  created_at      INTEGER NOT NULL,
  revoked_at      INTEGER
) STRICT, WITHOUT ROWID;

-- Found by the digest of what a request carries. The key itself is shown once and stored nowhere.
CREATE TABLE staff_keys (
  digest       BLOB PRIMARY KEY CHECK (length(digest) = 32),  -- SHA-256
  id           TEXT NOT NULL CHECK (length(id) = 36),
  staff_id     TEXT NOT NULL REFERENCES staff (id),
  prefix       TEXT NOT NULL,                                 -- by which people tell keys apart
  created_at   INTEGER NOT NULL,
  expires_at   INTEGER,
  last_used_at INTEGER
) STRICT, WITHOUT ROWID;

CREATE INDEX staff_keys_of ON staff_keys (staff_id);

-- What staff did, and creators with their petition. Written in the transaction of the act. The id is a UUIDv7: the key
-- is also the order of time. Residents' data only as keyed digests.
CREATE TABLE audit (
  id      TEXT PRIMARY KEY CHECK (length(id) = 36),
  at      INTEGER NOT NULL,
  actor   TEXT NOT NULL,   -- stf_…, or local, bootstrap, creator
  role    TEXT,            -- the actor's, then
  act     TEXT NOT NULL,
  subject TEXT NOT NULL,   -- the public id of what it was done to
  before  TEXT CHECK (json_type(before) = 'object'),
  after   TEXT CHECK (json_type(after) = 'object'),
  reason  TEXT
) STRICT, WITHOUT ROWID;

-- One petition's or one person's history without reading everybody's.
CREATE INDEX audit_subject ON audit (subject, id);
CREATE INDEX audit_actor ON audit (actor, id);

CREATE TRIGGER audit_is_not_changed BEFORE UPDATE ON audit
BEGIN
  SELECT RAISE(ABORT, 'audit_is_append_only');
END;

CREATE TRIGGER audit_is_not_deleted BEFORE DELETE ON audit
BEGIN
  SELECT RAISE(ABORT, 'audit_is_append_only');
END;

-- Days on which moderators were reminded of what waits, so that a doubled run reminds nobody twice.
CREATE TABLE staff_reminders (
  day         TEXT PRIMARY KEY CHECK (day GLOB '20??-??-??'),  -- the municipality's
  reminded_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- ---------------------------------------------------------------- petitions

ALTER TABLE petitions ADD COLUMN supporters_needed INTEGER NOT NULL DEFAULT 0 CHECK (supporters_needed BETWEEN 0 AND 20);
ALTER TABLE petitions ADD COLUMN supporters_max INTEGER NOT NULL DEFAULT 20 CHECK (supporters_max BETWEEN 0 AND 100);
ALTER TABLE petitions ADD COLUMN first_supporter_at INTEGER;  -- once: the creator hears of it
ALTER TABLE petitions ADD COLUMN gate_reached_at INTEGER;     -- once: enough supporters, or none needed
ALTER TABLE petitions ADD COLUMN waiting_since INTEGER;       -- in the moderation queue
ALTER TABLE petitions ADD COLUMN approved_at INTEGER;         -- while in moderation: it opens at opens_at
ALTER TABLE petitions ADD COLUMN approved_thresholds TEXT CHECK (json_type(approved_thresholds) = 'array');
ALTER TABLE petitions ADD COLUMN changes_message BLOB;        -- to the creator, under the petition's key
ALTER TABLE petitions ADD COLUMN stopped_by TEXT CHECK (stopped_by = 'creator' OR stopped_by = 'staff');
ALTER TABLE petitions ADD COLUMN stop_reason TEXT CHECK (length(stop_reason) BETWEEN 1 AND 1000);

UPDATE petitions SET waiting_since = created_at WHERE state = 'moderation';

-- Verified signatures, the creator's among them, at which staff get to see the petition. Only while it gathers
-- supporters: a signature of an open petition reads nothing for it.
ALTER TABLE petition_tallies ADD COLUMN gate INTEGER;

-- Notes that only staff read.
CREATE TABLE petition_notes (
  petition_no INTEGER NOT NULL REFERENCES petitions (no),
  id          TEXT NOT NULL CHECK (length(id) = 36),  -- UUIDv7: the order of time
  author      TEXT NOT NULL,                          -- as audit.actor
  sealed      BLOB NOT NULL,                          -- the text, under the petition's key
  written_at  INTEGER NOT NULL,
  PRIMARY KEY (petition_no, id)
) STRICT, WITHOUT ROWID;

-- Why petitions are not accepted. With `hidden`, the reason itself would expose or harm somebody, so the petition is not
-- shown at all.
CREATE TABLE rejection_reasons (
  code   TEXT PRIMARY KEY CHECK (length(code) BETWEEN 1 AND 64),
  hidden INTEGER NOT NULL CHECK (hidden IN (0, 1)),
  names  TEXT NOT NULL CHECK (json_type(names) = 'object')  -- {locale: what residents read}
) STRICT, WITHOUT ROWID;

INSERT INTO rejection_reasons VALUES
  ('not_responsible', 0, '{"en":"The municipality has no say in this matter.","de":"Die Gemeinde kann darüber nicht entscheiden.","fr":"La commune n’a pas compétence en la matière."}'),
  ('duplicate', 0, '{"en":"There is already a petition that asks for the same.","de":"Es gibt bereits eine Petition mit demselben Anliegen.","fr":"Une pétition demande déjà la même chose."}'),
  ('unclear', 0, '{"en":"It is not clear what the municipality is asked to do.","de":"Es ist nicht klar, worum die Gemeinde gebeten wird.","fr":"On ne comprend pas ce qui est demandé à la commune."}'),
  ('already_decided', 0, '{"en":"What it asks for has been decided or done already.","de":"Das Anliegen ist bereits entschieden oder erledigt.","fr":"La demande a déjà fait l’objet d’une décision ou est déjà satisfaite."}'),
  ('individual_case', 0, '{"en":"It is about one person’s own case, which has its own procedure.","de":"Es geht um einen Einzelfall, für den es ein eigenes Verfahren gibt.","fr":"Elle concerne un cas individuel, qui relève d’une autre procédure."}'),
  ('advertising', 0, '{"en":"It advertises goods, services or a party.","de":"Sie wirbt für Waren, Dienste oder eine Partei.","fr":"Elle fait de la publicité pour un produit, un service ou un parti."}'),
  ('unlawful', 0, '{"en":"It asks for something that the law forbids.","de":"Sie verlangt etwas, das gesetzlich verboten ist.","fr":"Elle demande quelque chose que la loi interdit."}'),
  ('personal_data', 1, '{"en":"It says things about a private person that may not be published.","de":"Sie enthält Angaben über eine Privatperson, die nicht veröffentlicht werden dürfen.","fr":"Elle contient des informations sur une personne privée qui ne peuvent pas être publiées."}'),
  ('defamatory', 1, '{"en":"It makes claims about somebody that may be false and harmful.","de":"Sie stellt Behauptungen über jemanden auf, die falsch und schädlich sein können.","fr":"Elle avance sur quelqu’un des affirmations qui peuvent être fausses et nuisibles."}'),
  ('offensive', 1, '{"en":"It insults people or calls for hatred or violence.","de":"Sie beleidigt Menschen oder ruft zu Hass oder Gewalt auf.","fr":"Elle insulte des personnes ou appelle à la haine ou à la violence."}'),
  ('court_case', 1, '{"en":"It concerns a case before a court that must not be influenced.","de":"Sie betrifft ein laufendes Gerichtsverfahren, das nicht beeinflusst werden darf.","fr":"Elle concerne une affaire en justice qu’il ne faut pas influencer."}'),
  ('false_identity', 1, '{"en":"It was submitted under somebody else’s name.","de":"Sie wurde unter fremdem Namen eingereicht.","fr":"Elle a été déposée sous le nom d’une autre personne."}');

-- What shocks people must be able to go before anybody has looked at it for long: hiding works from every state but a
-- draft's, which nobody has seen. Ending early is for what is open.
DROP TRIGGER petition_transition;
CREATE TRIGGER petition_transition BEFORE UPDATE OF state ON petitions
WHEN NEW.state <> OLD.state AND instr(CASE OLD.state
  WHEN 'draft'             THEN ' gathering moderation '
  WHEN 'gathering'         THEN ' moderation hidden '
  WHEN 'moderation'        THEN ' open changes_requested rejected hidden '
  WHEN 'changes_requested' THEN ' moderation rejected hidden '
  WHEN 'open'              THEN ' closed stopped hidden '
  WHEN 'closed'            THEN ' open hidden '
  WHEN 'stopped'           THEN ' open hidden '
  WHEN 'rejected'          THEN ' moderation hidden '
  WHEN 'hidden'            THEN ' moderation rejected '
  END, ' ' || NEW.state || ' ') = 0
BEGIN
  SELECT RAISE(ABORT, 'petition_transition');
END;

-- ---------------------------------------------------------------- supporters

CREATE TRIGGER gate_opens AFTER UPDATE OF state ON petitions
WHEN NEW.state = 'gathering' AND OLD.state <> 'gathering'
BEGIN
  UPDATE petition_tallies SET gate = NEW.supporters_needed + 1 WHERE petition_no = NEW.no;
END;

CREATE TRIGGER gate_ends AFTER UPDATE OF state ON petitions
WHEN OLD.state = 'gathering' AND NEW.state <> 'gathering'
BEGIN
  UPDATE petition_tallies SET gate = NULL WHERE petition_no = NEW.no;
END;

-- The creator's signature counts before or after the petition gathers: both columns lead here.
CREATE TRIGGER gate_reached AFTER UPDATE OF verified, gate ON petition_tallies
WHEN NEW.verified >= NEW.gate
BEGIN
  UPDATE petitions SET state = 'moderation' WHERE no = NEW.petition_no AND state = 'gathering';
END;

CREATE TRIGGER gate_approached AFTER UPDATE OF verified ON petition_tallies
WHEN NEW.verified > OLD.verified AND NEW.verified BETWEEN 2 AND NEW.gate - 1
BEGIN
  UPDATE petitions SET first_supporter_at = CAST(unixepoch('subsec') * 1000 AS INTEGER)
  WHERE no = NEW.petition_no AND first_supporter_at IS NULL;
END;

-- Of two who verify at once, when one place is left, the second stays pending.
CREATE TRIGGER supporters_full BEFORE UPDATE OF state ON signatures
WHEN NEW.role = 'supporter' AND NEW.state = 'verified' AND OLD.state = 'pending'
BEGIN
  SELECT RAISE(IGNORE) FROM petitions JOIN petition_tallies ON petition_no = no
  WHERE no = NEW.petition_no AND verified + quarantined_verified > supporters_max
    AND (state = 'gathering' OR state = 'moderation' OR state = 'changes_requested');
END;

CREATE TRIGGER moderation_begins AFTER UPDATE OF state ON petitions
WHEN NEW.state = 'moderation' AND OLD.state <> 'moderation'
BEGIN
  UPDATE petitions SET waiting_since = CAST(unixepoch('subsec') * 1000 AS INTEGER), approved_at = NULL, approved_thresholds = NULL,
    gate_reached_at = coalesce(gate_reached_at,
      iif(OLD.state = 'gathering' OR OLD.state = 'draft', CAST(unixepoch('subsec') * 1000 AS INTEGER), NULL))
  WHERE no = NEW.no;
END;

-- ---------------------------------------------------------------- opening

-- Thresholds are copied onto the petition when it opens, at once or at a set time. What was mailed stays mailed.
CREATE TRIGGER petition_opens AFTER UPDATE OF state ON petitions
WHEN NEW.state = 'open' AND OLD.state = 'moderation' AND NEW.approved_thresholds IS NOT NULL
BEGIN
  DELETE FROM thresholds WHERE petition_no = NEW.no AND acted_at IS NULL
    AND name NOT IN (SELECT value ->> 'name' FROM json_each(NEW.approved_thresholds));
  INSERT INTO thresholds (petition_no, name, signatures)
    SELECT NEW.no, value ->> 'name', value ->> 'signatures' FROM json_each(NEW.approved_thresholds) WHERE true
    ON CONFLICT (petition_no, name) DO UPDATE SET signatures = excluded.signatures, reached_at = CASE
      WHEN acted_at IS NOT NULL THEN reached_at
      WHEN excluded.signatures > (SELECT verified FROM petition_tallies WHERE petition_no = NEW.no) THEN NULL
      ELSE coalesce(reached_at, CAST(unixepoch('subsec') * 1000 AS INTEGER)) END;
END;

-- ---------------------------------------------------------------- mail that a change of state causes

-- One definition of a job of mail that a trigger makes; the sweeper rings for it within a minute.
CREATE VIEW petition_mails AS SELECT '' AS kind, '[]' AS items WHERE 0;

CREATE TRIGGER petition_mails_enqueue INSTEAD OF INSERT ON petition_mails
BEGIN
  INSERT INTO outbox (id, kind, items, remaining, due_at, created_at)
  SELECT substr(time, 1, 8) || '-' || substr(time, 9) || '-7' || substr(noise, 1, 3) || '-8' || substr(noise, 4, 3) || '-'
      || substr(noise, 7, 12), NEW.kind, NEW.items, NEW.items, now, now
  FROM (SELECT CAST(unixepoch('subsec') * 1000 AS INTEGER) AS now,
    printf('%012x', CAST(unixepoch('subsec') * 1000 AS INTEGER)) AS time, lower(hex(randomblob(9))) AS noise)
  WHERE json_array_length(NEW.items) > 0;
END;

-- Items: the petition's number in eight hexadecimal digits, then what happened.
CREATE TRIGGER creator_news AFTER UPDATE OF state ON petitions
WHEN NEW.state <> OLD.state AND NEW.creator_person_hash IS NOT NULL
BEGIN
  INSERT INTO petition_mails SELECT 'creator_news', json_array(printf('%08x:%s', NEW.no, event)) FROM (SELECT CASE
    WHEN NEW.state = 'gathering' AND NEW.supporters_needed > 0 THEN 'gathering'
    WHEN NEW.state = 'changes_requested' THEN 'changes_requested'
    WHEN NEW.state = 'rejected' THEN 'rejected'
    WHEN NEW.state = 'hidden' THEN 'hidden'
    WHEN NEW.state = 'open' AND OLD.state = 'moderation' THEN 'opened'
    WHEN NEW.state = 'open' THEN 'reopened'
    WHEN NEW.state = 'stopped' AND NEW.stopped_by = 'staff' THEN 'stopped'
    END AS event) WHERE event IS NOT NULL;
END;

CREATE TRIGGER creator_progress AFTER UPDATE OF first_supporter_at, gate_reached_at ON petitions
WHEN NEW.creator_person_hash IS NOT NULL
BEGIN
  INSERT INTO petition_mails SELECT 'creator_news', json_array(printf('%08x:first_supporter', NEW.no))
    WHERE OLD.first_supporter_at IS NULL AND NEW.first_supporter_at IS NOT NULL;
  INSERT INTO petition_mails SELECT 'creator_news', json_array(printf('%08x:moderation', NEW.no))
    WHERE OLD.gate_reached_at IS NULL AND NEW.gate_reached_at IS NOT NULL;
END;

-- Items: the petition's number, the threshold, and for all but the creator's mail the staff member.
CREATE TRIGGER threshold_mail AFTER UPDATE OF reached_at ON thresholds
WHEN NEW.reached_at IS NOT NULL AND NEW.mailed_at IS NULL
BEGIN
  UPDATE thresholds SET mailed_at = NEW.reached_at WHERE petition_no = NEW.petition_no AND name = NEW.name;
  INSERT INTO petition_mails SELECT 'threshold_reached', json_group_array(item) FROM (
    SELECT printf('%08x:%s', NEW.petition_no, NEW.name) AS item
    UNION ALL
    SELECT printf('%08x:%s:%s', NEW.petition_no, NEW.name, staff.id) FROM staff JOIN petitions ON petitions.no = NEW.petition_no
    WHERE staff.role <> 'viewer' AND staff.email IS NOT NULL AND staff.revoked_at IS NULL
      AND (staff.department_code IS NULL OR staff.department_code = petitions.department_code));
END;

-- Staff see what could not be sent without reading what was.
CREATE INDEX outbox_parked ON outbox (created_at) WHERE state = 'parked';
