-- Folkmoot's schema. Times are INTEGER milliseconds since 1970 (UTC) unless a name says otherwise.
-- Every index is one more row written for each row that enters it: each one below says why it is worth that.

-- ---------------------------------------------------------------- reference data

CREATE TABLE departments (
  code  TEXT PRIMARY KEY CHECK (length(code) BETWEEN 1 AND 64),
  names TEXT NOT NULL CHECK (json_type(names) = 'object')  -- {locale: name}
) STRICT, WITHOUT ROWID;

CREATE TABLE topics (
  code  TEXT PRIMARY KEY CHECK (length(code) BETWEEN 1 AND 64),
  names TEXT NOT NULL CHECK (json_type(names) = 'object')
) STRICT, WITHOUT ROWID;

CREATE TABLE areas (
  code       TEXT PRIMARY KEY CHECK (length(code) BETWEEN 1 AND 32),
  name       TEXT NOT NULL,
  population INTEGER CHECK (population >= 0)
) STRICT, WITHOUT ROWID;

CREATE TABLE postcodes (
  postcode  TEXT PRIMARY KEY CHECK (postcode = upper(postcode) AND length(postcode) BETWEEN 1 AND 16),
  area_code TEXT NOT NULL REFERENCES areas (code)
) STRICT, WITHOUT ROWID;

-- What staff may change without a deploy: switches, policies, lists.
CREATE TABLE settings (
  name       TEXT PRIMARY KEY,
  value      TEXT NOT NULL CHECK (json_valid(value)),
  updated_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- ---------------------------------------------------------------- petitions

-- `no` is the last four bytes of the public id, so whoever holds an id needs no look-up to find the row,
-- the tally or a signature's place, and a UNIQUE index on the id is not needed.
CREATE TABLE petitions (
  no              INTEGER PRIMARY KEY CHECK (no BETWEEN 0 AND 4294967295),
  id              TEXT NOT NULL CHECK (length(id) = 36 AND substr(id, 29) = printf('%08x', no)),
  state           TEXT NOT NULL CHECK (state IN ('draft', 'gathering', 'moderation', 'open', 'closed',
                    'changes_requested', 'rejected', 'hidden', 'stopped')),
  version         INTEGER NOT NULL DEFAULT 1 CHECK (version >= 1),  -- grows with text and decisions, never with counts
  title           TEXT NOT NULL CHECK (length(title) BETWEEN 1 AND 100),
  background      TEXT NOT NULL CHECK (length(background) BETWEEN 1 AND 500),
  details         TEXT NOT NULL DEFAULT '' CHECK (length(details) <= 1000),
  locale          TEXT NOT NULL,
  area_code       TEXT REFERENCES areas (code),
  department_code TEXT REFERENCES departments (code),
  created_at      INTEGER NOT NULL,
  opens_at        INTEGER,
  closes_at       INTEGER,
  ended_at        INTEGER,                       -- when it was closed or stopped
  secret          BLOB,                          -- wrapped by ROOT_KEY; NULL once the petition's personal data is erased
  rejection_code  TEXT,
  rejection_details TEXT,
  creator_email_hash  BLOB,                      -- with creator_person_hash: the creator's own signature
  creator_person_hash INTEGER,
  CHECK (state NOT IN ('open', 'closed', 'stopped') OR (opens_at IS NOT NULL AND closes_at IS NOT NULL)),
  CHECK (state NOT IN ('closed', 'stopped') OR ended_at IS NOT NULL),
  CHECK (state NOT IN ('rejected', 'hidden') OR rejection_code IS NOT NULL),
  CHECK (closes_at IS NULL OR opens_at IS NULL OR closes_at > opens_at),
  CHECK (length(creator_email_hash) = 8 AND creator_person_hash BETWEEN 0 AND 4294967295
    OR creator_email_hash IS NULL AND creator_person_hash IS NULL)
) STRICT;

-- The public list reads a page of its order instead of every petition; petitions change state a handful of times.
CREATE INDEX petitions_newest ON petitions (state, coalesce(opens_at, created_at), no);
CREATE INDEX petitions_closing ON petitions (state, closes_at, no);

CREATE TRIGGER petition_transition BEFORE UPDATE OF state ON petitions
WHEN NEW.state <> OLD.state AND instr(CASE OLD.state
  WHEN 'draft'             THEN ' gathering moderation '
  WHEN 'gathering'         THEN ' moderation stopped '
  WHEN 'moderation'        THEN ' open changes_requested rejected hidden stopped '
  WHEN 'changes_requested' THEN ' moderation gathering stopped '
  WHEN 'open'              THEN ' closed stopped hidden '
  WHEN 'closed'            THEN ' open hidden '
  WHEN 'stopped'           THEN ' open hidden '
  WHEN 'rejected'          THEN ' moderation hidden '
  WHEN 'hidden'            THEN ' moderation rejected '
  END, ' ' || NEW.state || ' ') = 0
BEGIN
  SELECT RAISE(ABORT, 'petition_transition');
END;

-- Every text a petition has had. The newest is also on the petition.
CREATE TABLE petition_versions (
  petition_no INTEGER NOT NULL REFERENCES petitions (no),
  version     INTEGER NOT NULL,
  title       TEXT NOT NULL,
  background  TEXT NOT NULL,
  details     TEXT NOT NULL,
  written_at  INTEGER NOT NULL,
  PRIMARY KEY (petition_no, version)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER petition_first_version AFTER INSERT ON petitions
BEGIN
  INSERT INTO petition_versions VALUES (NEW.no, NEW.version, NEW.title, NEW.background, NEW.details, NEW.created_at);
END;

CREATE TRIGGER petition_next_version AFTER UPDATE OF title, background, details ON petitions
WHEN NEW.title <> OLD.title OR NEW.background <> OLD.background OR NEW.details <> OLD.details
BEGIN
  INSERT INTO petition_versions VALUES (NEW.no, NEW.version, NEW.title, NEW.background, NEW.details,
    CAST(unixepoch('subsec') * 1000 AS INTEGER));
END;

CREATE TABLE petition_topics (
  topic_code  TEXT NOT NULL REFERENCES topics (code),
  petition_no INTEGER NOT NULL REFERENCES petitions (no),
  PRIMARY KEY (topic_code, petition_no)
) STRICT, WITHOUT ROWID;

-- One petition shows its topics; topics are filtered by the primary key.
CREATE INDEX petition_topics_of ON petition_topics (petition_no);

CREATE TABLE thresholds (
  petition_no INTEGER NOT NULL REFERENCES petitions (no),
  name        TEXT NOT NULL CHECK (name IN ('response', 'hearing')),
  signatures  INTEGER NOT NULL CHECK (signatures > 0),
  reached_at  INTEGER,
  acted_at    INTEGER,   -- staff answered: from here on the stamp stays, whatever the count does
  mailed_at   INTEGER,   -- its mail goes out once ever
  PRIMARY KEY (petition_no, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE responses (
  petition_no  INTEGER PRIMARY KEY REFERENCES petitions (no),
  summary      TEXT NOT NULL,
  details      TEXT NOT NULL,
  published_at INTEGER
) STRICT;

-- Where a signer came from. What is not registered counts as 'other', so that a code can't mark a person.
CREATE TABLE channels (
  code    TEXT PRIMARY KEY CHECK (length(code) BETWEEN 1 AND 32),
  label   TEXT NOT NULL,
  partner TEXT
) STRICT, WITHOUT ROWID;

CREATE VIRTUAL TABLE petitions_fts USING fts5 (
  title, background, details, content = 'petitions', content_rowid = 'no', tokenize = 'unicode61 remove_diacritics 2'
);

CREATE TRIGGER petitions_fts_insert AFTER INSERT ON petitions
BEGIN
  INSERT INTO petitions_fts (rowid, title, background, details) VALUES (NEW.no, NEW.title, NEW.background, NEW.details);
END;

CREATE TRIGGER petitions_fts_update AFTER UPDATE OF title, background, details ON petitions
BEGIN
  INSERT INTO petitions_fts (petitions_fts, rowid, title, background, details)
    VALUES ('delete', OLD.no, OLD.title, OLD.background, OLD.details);
  INSERT INTO petitions_fts (rowid, title, background, details) VALUES (NEW.no, NEW.title, NEW.background, NEW.details);
END;

CREATE TRIGGER petitions_fts_delete AFTER DELETE ON petitions
BEGIN
  INSERT INTO petitions_fts (petitions_fts, rowid, title, background, details)
    VALUES ('delete', OLD.no, OLD.title, OLD.background, OLD.details);
END;

-- ---------------------------------------------------------------- signatures

-- The key is the person: the petition, the keyed hash of the canonical e-mail address, the keyed hash of address and
-- folded name. So the rule "no second row for the same person" costs no index, and one mailbox is one short range.
-- The public id (sig_…) is these three written as a UUID.
-- The checks say OR, not IN: SQLite looks a list of three or more up in a temporary table, and D1 bills each look-up.
CREATE TABLE signatures (
  petition_no   INTEGER NOT NULL,   -- tally_insert holds the reference: a foreign key would read one more row
  email_hash    BLOB NOT NULL CHECK (length(email_hash) = 8),
  person_hash   INTEGER NOT NULL CHECK (person_hash BETWEEN 0 AND 4294967295),
  submission    BLOB NOT NULL CHECK (length(submission) = 16),  -- the submission that wrote the row: a redelivery is known by it
  state         TEXT NOT NULL CHECK (state = 'pending' OR state = 'verified' OR state = 'withdrawn' OR state = 'invalidated'),
  hold          TEXT CHECK (hold = 'list' OR hold = 'rate' OR hold = 'disposable' OR hold = 'burst' OR hold = 'fast'),  -- quarantined while not NULL
  role          TEXT NOT NULL DEFAULT 'signer' CHECK (role = 'signer' OR role = 'creator' OR role = 'supporter'),
  assurance     TEXT NOT NULL DEFAULT 'email' CHECK (assurance = 'email' OR assurance = 'register' OR assurance = 'paper' OR assurance = 'eid'),
  locale        TEXT NOT NULL CHECK (length(locale) BETWEEN 2 AND 35 AND locale NOT GLOB '*[^A-Za-z0-9-]*'),
  area_code     TEXT,
  channel       TEXT,
  partner       TEXT,
  updates       INTEGER NOT NULL DEFAULT 0 CHECK (updates IN (0, 1)),
  postcode_hash BLOB CHECK (length(postcode_hash) = 8),
  address_hash  BLOB CHECK (length(address_hash) = 8),
  network_hash  BLOB CHECK (length(network_hash) = 8),
  domain_hash   BLOB CHECK (length(domain_hash) = 8),
  asn           INTEGER,
  country       TEXT CHECK (length(country) = 2),
  sealed        BLOB,   -- name, address as typed, postcode, under the petition's key
  accepted_at   INTEGER NOT NULL,
  verified_at   INTEGER,
  verified_hour TEXT CHECK (verified_hour GLOB '20??-??-??T??'),  -- the municipality's
  ended_at      INTEGER,  -- when it was withdrawn or invalidated
  PRIMARY KEY (petition_no, email_hash, person_hash),
  CHECK ((verified_at IS NULL) = (verified_hour IS NULL)),
  CHECK (state <> 'verified' OR verified_at IS NOT NULL),
  CHECK (state <> 'pending' OR verified_at IS NULL),
  CHECK ((state IN ('withdrawn', 'invalidated')) = (ended_at IS NOT NULL))
) STRICT, WITHOUT ROWID;

-- Staff review what is held, by petition and reason: only held rows pay for it.
CREATE INDEX signatures_held ON signatures (petition_no, hold, accepted_at) WHERE hold IS NOT NULL;

-- The one-person rules. A row that may not stand is ignored, and the others of the same statement go on:
--   the same person again: only a newer submission replaces it, unless it is verified;
--   a mailbox holds at most two live names, all with the same postcode; what is verified keeps its place,
--   and what is pending gives way to the newest submission, in whatever order submissions arrive.
-- Nothing is read, or billed, while the mailbox is new to the petition.
CREATE TRIGGER signature_one_person BEFORE INSERT ON signatures
WHEN EXISTS (SELECT 1 FROM signatures AS mailbox
  WHERE mailbox.petition_no = NEW.petition_no AND mailbox.email_hash = NEW.email_hash)
BEGIN
  SELECT RAISE(IGNORE) FROM signatures AS same
  WHERE same.petition_no = NEW.petition_no AND same.email_hash = NEW.email_hash AND same.person_hash = NEW.person_hash
    AND (same.state = 'verified' OR NEW.accepted_at <= max(same.accepted_at, iif(same.state = 'withdrawn', same.ended_at, 0)));

  SELECT RAISE(IGNORE) FROM (
    SELECT count(*) AS names, max(other.postcode_hash IS NOT NEW.postcode_hash) AS elsewhere FROM signatures AS other
    WHERE other.petition_no = NEW.petition_no AND other.email_hash = NEW.email_hash
      AND other.person_hash <> NEW.person_hash
      AND (other.state = 'verified' OR other.state = 'pending'
        AND (other.accepted_at, other.person_hash) > (NEW.accepted_at, NEW.person_hash))
  ) WHERE names >= 2 OR elsewhere;

  DELETE FROM signatures
  WHERE petition_no = NEW.petition_no AND email_hash = NEW.email_hash AND person_hash <> NEW.person_hash
    AND state = 'pending' AND (postcode_hash IS NOT NEW.postcode_hash
      OR EXISTS (SELECT 1 FROM signatures AS third
        WHERE third.petition_no = NEW.petition_no AND third.email_hash = NEW.email_hash
          AND third.person_hash <> NEW.person_hash AND third.person_hash <> signatures.person_hash
          AND third.postcode_hash IS NEW.postcode_hash
          AND (third.state = 'verified' OR third.state = 'pending'
            AND (third.accepted_at, third.person_hash) > (signatures.accepted_at, signatures.person_hash))));
END;

CREATE TRIGGER signature_transition BEFORE UPDATE OF state ON signatures
WHEN NEW.state <> OLD.state AND instr(CASE OLD.state
  WHEN 'pending'     THEN ' verified withdrawn invalidated '
  WHEN 'verified'    THEN ' withdrawn invalidated '
  WHEN 'withdrawn'   THEN ' pending '
  WHEN 'invalidated' THEN ' pending verified '
  END, ' ' || NEW.state || ' ') = 0
BEGIN
  SELECT RAISE(ABORT, 'signature_transition');
END;

-- Reviving an invalidated signature must not bring a third name, or a second household, into a mailbox.
CREATE TRIGGER signature_revival BEFORE UPDATE OF state ON signatures
WHEN OLD.state = 'invalidated' AND NEW.state IN ('pending', 'verified')
BEGIN
  SELECT RAISE(ABORT, 'signature_place_taken') FROM (
    SELECT count(*) AS names, max(other.postcode_hash IS NOT NEW.postcode_hash) AS elsewhere FROM signatures AS other
    WHERE other.petition_no = NEW.petition_no AND other.email_hash = NEW.email_hash
      AND other.person_hash <> NEW.person_hash AND other.state IN ('pending', 'verified')
  ) WHERE names >= 2 OR elsewhere;
END;

CREATE TRIGGER signature_key_is_fixed BEFORE UPDATE OF petition_no, email_hash, person_hash ON signatures
WHEN NEW.petition_no <> OLD.petition_no OR NEW.email_hash <> OLD.email_hash OR NEW.person_hash <> OLD.person_hash
BEGIN
  SELECT RAISE(ABORT, 'signature_key_is_fixed');
END;

-- ---------------------------------------------------------------- tallies

-- counted = verified and not held. The row also carries what the public count needs, so that reading it is one row.
CREATE TABLE petition_tallies (
  petition_no          INTEGER PRIMARY KEY REFERENCES petitions (no),
  petition_id          TEXT NOT NULL,
  public               INTEGER NOT NULL CHECK (public IN (0, 1)),
  pending              INTEGER NOT NULL DEFAULT 0 CHECK (pending >= 0),
  verified             INTEGER NOT NULL DEFAULT 0 CHECK (verified >= 0),
  quarantined_pending  INTEGER NOT NULL DEFAULT 0 CHECK (quarantined_pending >= 0),
  quarantined_verified INTEGER NOT NULL DEFAULT 0 CHECK (quarantined_verified >= 0),
  invalidated          INTEGER NOT NULL DEFAULT 0 CHECK (invalidated >= 0),
  withdrawn            INTEGER NOT NULL DEFAULT 0 CHECK (withdrawn >= 0),
  email                INTEGER NOT NULL DEFAULT 0 CHECK (email >= 0),
  register             INTEGER NOT NULL DEFAULT 0 CHECK (register >= 0),
  paper                INTEGER NOT NULL DEFAULT 0 CHECK (paper >= 0),
  eid                  INTEGER NOT NULL DEFAULT 0 CHECK (eid >= 0),
  locales              TEXT NOT NULL DEFAULT '{}' CHECK (json_type(locales) = 'object'),
  next_threshold       INTEGER,  -- the lowest one not reached, so that a verification need not read the thresholds
  CHECK (verified = email + register + paper + eid)
) STRICT;

CREATE TABLE area_tallies (
  petition_no INTEGER NOT NULL REFERENCES petitions (no),
  area_code   TEXT NOT NULL,
  verified    INTEGER NOT NULL CHECK (verified >= 0),
  PRIMARY KEY (petition_no, area_code)
) STRICT, WITHOUT ROWID;

CREATE TABLE channel_tallies (
  petition_no INTEGER NOT NULL REFERENCES petitions (no),
  channel     TEXT NOT NULL,
  verified    INTEGER NOT NULL CHECK (verified >= 0),
  PRIMARY KEY (petition_no, channel)
) STRICT, WITHOUT ROWID;

CREATE TABLE hour_tallies (
  petition_no INTEGER NOT NULL REFERENCES petitions (no),
  hour        TEXT NOT NULL,
  verified    INTEGER NOT NULL CHECK (verified >= 0),
  PRIMARY KEY (petition_no, hour)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER petition_tally_begin AFTER INSERT ON petitions
BEGIN
  INSERT INTO petition_tallies (petition_no, petition_id, public)
    VALUES (NEW.no, NEW.id, NEW.state IN ('open', 'closed', 'rejected', 'stopped'));
END;

CREATE TRIGGER petition_tally_public AFTER UPDATE OF state ON petitions
WHEN (NEW.state IN ('open', 'closed', 'rejected', 'stopped')) <> (OLD.state IN ('open', 'closed', 'rejected', 'stopped'))
BEGIN
  UPDATE petition_tallies SET public = NEW.state IN ('open', 'closed', 'rejected', 'stopped') WHERE petition_no = NEW.no;
END;

-- Each of the three ways a signature row moves writes the petition's tally once; the dimensions move only when a
-- signature begins or ceases to count. A blank area or channel has no row: it is the total less the others.
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
      json_set(locales, '$."' || NEW.locale || '"', coalesce(locales ->> NEW.locale, 0) + 1), locales)
  WHERE petition_no = NEW.petition_no;
  SELECT RAISE(ABORT, 'signature_without_petition') WHERE changes() = 0;
END;

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
      json_set(locales, '$."' || OLD.locale || '"', (locales ->> OLD.locale) - 1), locales)
  WHERE petition_no = OLD.petition_no;
END;

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
      ELSE locales END
  WHERE petition_no = NEW.petition_no;
END;

-- What a signature counts under may only change while it does not count.
CREATE TRIGGER signature_dimensions_fixed BEFORE UPDATE OF area_code, channel, verified_hour, locale, assurance ON signatures
WHEN OLD.state = 'verified' AND OLD.hold IS NULL AND NEW.state = 'verified' AND NEW.hold IS NULL
  AND (NEW.area_code IS NOT OLD.area_code OR NEW.channel IS NOT OLD.channel OR NEW.verified_hour <> OLD.verified_hour
    OR NEW.locale <> OLD.locale OR NEW.assurance <> OLD.assurance)
BEGIN
  SELECT RAISE(ABORT, 'signature_dimensions_fixed');
END;

-- One definition of "begins to count" (step 1) and "ceases to count" (step -1) for the three triggers below.
CREATE VIEW counted_moves AS
  SELECT 0 AS petition_no, '' AS area_code, '' AS channel, '' AS hour, 0 AS step WHERE 0;

CREATE TRIGGER counted_moves_apply INSTEAD OF INSERT ON counted_moves
BEGIN
  INSERT INTO hour_tallies VALUES (NEW.petition_no, NEW.hour, max(NEW.step, 0))
    ON CONFLICT DO UPDATE SET verified = verified + NEW.step;
  INSERT INTO area_tallies SELECT NEW.petition_no, NEW.area_code, max(NEW.step, 0) WHERE NEW.area_code IS NOT NULL
    ON CONFLICT DO UPDATE SET verified = verified + NEW.step;
  INSERT INTO channel_tallies SELECT NEW.petition_no, NEW.channel, max(NEW.step, 0) WHERE NEW.channel IS NOT NULL
    ON CONFLICT DO UPDATE SET verified = verified + NEW.step;
END;

CREATE TRIGGER counted_insert AFTER INSERT ON signatures
WHEN NEW.state = 'verified' AND NEW.hold IS NULL
BEGIN
  INSERT INTO counted_moves VALUES (NEW.petition_no, NEW.area_code, NEW.channel, NEW.verified_hour, 1);
END;

CREATE TRIGGER counted_delete AFTER DELETE ON signatures
WHEN OLD.state = 'verified' AND OLD.hold IS NULL
BEGIN
  INSERT INTO counted_moves VALUES (OLD.petition_no, OLD.area_code, OLD.channel, OLD.verified_hour, -1);
END;

CREATE TRIGGER counted_begin AFTER UPDATE OF state, hold ON signatures
WHEN NEW.state = 'verified' AND NEW.hold IS NULL AND NOT (OLD.state = 'verified' AND OLD.hold IS NULL)
BEGIN
  INSERT INTO counted_moves VALUES (NEW.petition_no, NEW.area_code, NEW.channel, NEW.verified_hour, 1);
END;

CREATE TRIGGER counted_cease AFTER UPDATE OF state, hold ON signatures
WHEN OLD.state = 'verified' AND OLD.hold IS NULL AND NOT (NEW.state = 'verified' AND NEW.hold IS NULL)
BEGIN
  INSERT INTO counted_moves VALUES (OLD.petition_no, OLD.area_code, OLD.channel, OLD.verified_hour, -1);
END;

-- A threshold is stamped once when it is reached, and cleared when the count falls below it while nobody has acted on it.
CREATE TRIGGER threshold_reached AFTER UPDATE OF verified ON petition_tallies
WHEN NEW.verified > OLD.verified AND NEW.verified >= NEW.next_threshold
BEGIN
  UPDATE thresholds SET reached_at = CAST(unixepoch('subsec') * 1000 AS INTEGER)
  WHERE petition_no = NEW.petition_no AND reached_at IS NULL AND signatures <= NEW.verified;
END;

CREATE TRIGGER threshold_lost AFTER UPDATE OF verified ON petition_tallies
WHEN NEW.verified < OLD.verified
BEGIN
  UPDATE thresholds SET reached_at = NULL
  WHERE petition_no = NEW.petition_no AND reached_at IS NOT NULL AND acted_at IS NULL AND signatures > NEW.verified;
END;

-- One that the count has reached before it was set is reached at once.
CREATE TRIGGER threshold_next_insert AFTER INSERT ON thresholds
BEGIN
  UPDATE thresholds SET reached_at = CAST(unixepoch('subsec') * 1000 AS INTEGER)
  WHERE petition_no = NEW.petition_no AND name = NEW.name AND reached_at IS NULL
    AND signatures <= (SELECT verified FROM petition_tallies WHERE petition_no = NEW.petition_no);
  UPDATE petition_tallies SET next_threshold = (SELECT min(signatures) FROM thresholds
    WHERE petition_no = NEW.petition_no AND reached_at IS NULL) WHERE petition_no = NEW.petition_no;
END;

CREATE TRIGGER threshold_next_update AFTER UPDATE OF signatures, reached_at ON thresholds
BEGIN
  UPDATE petition_tallies SET next_threshold = (SELECT min(signatures) FROM thresholds
    WHERE petition_no = NEW.petition_no AND reached_at IS NULL) WHERE petition_no = NEW.petition_no;
END;

CREATE TRIGGER threshold_next_delete AFTER DELETE ON thresholds
BEGIN
  UPDATE petition_tallies SET next_threshold = (SELECT min(signatures) FROM thresholds
    WHERE petition_no = OLD.petition_no AND reached_at IS NULL) WHERE petition_no = OLD.petition_no;
END;

-- A draft becomes public to supporters when its creator's signature begins to count.
CREATE TRIGGER creator_verified AFTER UPDATE OF state, hold ON signatures
WHEN NEW.role = 'creator' AND NEW.state = 'verified' AND NEW.hold IS NULL
BEGIN
  UPDATE petitions SET state = 'gathering' WHERE no = NEW.petition_no AND state = 'draft';
END;

-- What lists are ordered by. A job takes it each minute, so that no signature pays for an order.
CREATE TABLE petition_rankings (
  petition_no INTEGER PRIMARY KEY REFERENCES petitions (no),
  popularity  INTEGER NOT NULL,   -- counted signatures
  trend       INTEGER NOT NULL    -- of these, in the last 24 h
) STRICT;

-- ---------------------------------------------------------------- codes, mail

-- Tries of the typed code, by petition and mailbox, whether or not a signature is there: five, then only the link works.
CREATE TABLE code_attempts (
  petition_no INTEGER NOT NULL REFERENCES petitions (no),
  email_hash  BLOB NOT NULL CHECK (length(email_hash) = 8),
  attempts    INTEGER NOT NULL,
  tried_at    INTEGER NOT NULL,
  PRIMARY KEY (petition_no, email_hash)
) STRICT, WITHOUT ROWID;

-- One row a job of mail: all the answers to one intake batch, or a single other mail. The id is a UUIDv7, so the key is
-- also the order of age. A sent job of verification mails stays until its unverified signatures expire: it names them.
CREATE TABLE outbox (
  id          TEXT PRIMARY KEY CHECK (length(id) = 36),
  kind        TEXT NOT NULL,
  state       TEXT NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'sent', 'parked')),
  items       TEXT NOT NULL CHECK (json_type(items) = 'array'),      -- what the job is about: ids, never personal data
  remaining   TEXT NOT NULL CHECK (json_type(remaining) = 'array'),  -- the items not yet sent
  sealed      BLOB,                                                  -- for a mail whose signature no longer holds the address
  due_at      INTEGER NOT NULL,
  lease_until INTEGER NOT NULL DEFAULT 0,
  attempts    INTEGER NOT NULL DEFAULT 0,
  error       TEXT,
  created_at  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- The sweeper reads what is due, not what has been sent. One entry a job, not one a mail.
CREATE INDEX outbox_due ON outbox (due_at) WHERE state = 'waiting';

-- Messages that no consumer could handle, for staff to see. Bodies hold personal data only sealed.
CREATE TABLE dead_letters (
  id         TEXT PRIMARY KEY,
  queue      TEXT NOT NULL,
  body       TEXT NOT NULL,
  arrived_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
