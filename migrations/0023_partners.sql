-- Partner organisations: a union, an association, a newspaper that sends signatures from a site of its own.

CREATE TABLE partners (
  id           TEXT PRIMARY KEY CHECK (length(id) = 36),
  -- What signatures and channels name it by. Never changed.
  code         TEXT NOT NULL UNIQUE CHECK (length(code) BETWEEN 1 AND 32 AND code NOT GLOB '*[^a-z0-9_-]*'),
  name         TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 255),
  email        TEXT NOT NULL CHECK (length(email) BETWEEN 3 AND 320),  -- as typed: for mails about what the partner runs
  locale       TEXT CHECK (length(locale) BETWEEN 2 AND 35),           -- of these mails; NULL: the municipality's first
  website      TEXT CHECK (length(website) BETWEEN 1 AND 500),
  created_at   INTEGER NOT NULL,
  suspended_at INTEGER                                                 -- none of its keys works from then on
) STRICT, WITHOUT ROWID;

-- Found by the digest of what a request carries. The key itself is shown once and stored nowhere.
CREATE TABLE partner_keys (
  digest       BLOB PRIMARY KEY CHECK (length(digest) = 32),  -- SHA-256
  id           TEXT NOT NULL CHECK (length(id) = 36),
  partner_id   TEXT NOT NULL REFERENCES partners (id),
  prefix       TEXT NOT NULL,                                 -- by which people tell keys apart
  label        TEXT NOT NULL CHECK (length(label) BETWEEN 1 AND 100),
  scopes       TEXT NOT NULL CHECK (json_type(scopes) = 'array' AND json_array_length(scopes) > 0),
  petitions    TEXT CHECK (json_type(petitions) = 'array'),   -- their UUIDs; NULL: every petition
  -- Of the pages that may use it: it is a browser key then, which can only sign. NULL: a server's.
  origins      TEXT CHECK (json_type(origins) = 'array' AND json_array_length(origins) > 0),
  minute_limit INTEGER CHECK (minute_limit > 0),              -- signatures; NULL: the policy's figure
  day_limit    INTEGER CHECK (day_limit > 0),
  created_at   INTEGER NOT NULL,
  expires_at   INTEGER,
  last_used_at INTEGER,
  CHECK (origins IS NULL OR scopes = '["signatures:write"]')
) STRICT, WITHOUT ROWID;

CREATE INDEX partner_keys_of ON partner_keys (partner_id);

-- 20 keys are enough for every site and service of a partner, and each is a way in.
CREATE TRIGGER partner_keys_are_few BEFORE INSERT ON partner_keys
BEGIN
  SELECT RAISE(ABORT, 'keys_full') WHERE (SELECT count(*) FROM partner_keys WHERE partner_id = NEW.partner_id) >= 20;
END;

-- Partners' channels have room of their own: they are registered with the partner, and say nothing of a person.
DROP TRIGGER channels_are_few;
CREATE TRIGGER channels_are_few BEFORE INSERT ON channels
WHEN NEW.partner IS NULL AND NOT EXISTS (SELECT 1 FROM channels WHERE code = NEW.code)
BEGIN
  SELECT RAISE(ABORT, 'channels_full') WHERE (SELECT count(*) FROM channels WHERE partner IS NULL) >= 50;
END;

-- Every signature that a partner sent comes by one of its channels; without a better one by this.
CREATE TRIGGER partner_has_a_channel AFTER INSERT ON partners
BEGIN
  INSERT INTO channels (code, label, partner, owner) VALUES (NEW.code, substr(NEW.name, 1, 100), NEW.code, NEW.name);
END;

CREATE TRIGGER partner_names_its_channel AFTER UPDATE OF name ON partners
WHEN NEW.name <> OLD.name
BEGIN
  UPDATE channels SET label = substr(NEW.name, 1, 100), owner = NEW.name WHERE code = NEW.code;
END;

CREATE TRIGGER partner_code_is_fixed BEFORE UPDATE OF code ON partners
WHEN NEW.code <> OLD.code
BEGIN
  SELECT RAISE(ABORT, 'partner_code_is_fixed');
END;

-- ---------------------------------------------------------------- what partners sent

-- One row for every submission that was accepted, whatever became of it: a repeat and a held one look to the partner like
-- any that waits. The key's second part is a UUIDv7: the order of time, and a range of it is a range of time.
CREATE TABLE partner_submissions (
  partner     TEXT NOT NULL,        -- partners.code; a foreign key would read one more row
  submission  BLOB NOT NULL CHECK (length(submission) = 16),
  petition_no INTEGER NOT NULL,
  email_hash  BLOB CHECK (length(email_hash) = 8),
  person_hash INTEGER CHECK (person_hash BETWEEN 0 AND 4294967295),
  reference   BLOB,                 -- the partner's own id, under the petition's key: in practice it may be an address
  consent     INTEGER CHECK (consent > 0),  -- the version of the text by which name and address may be passed on
  accepted_at INTEGER NOT NULL,
  verified_at INTEGER,              -- since when it counts, or has counted: it is never taken back
  PRIMARY KEY (partner, submission),
  CHECK ((email_hash IS NULL) = (person_hash IS NULL))
) STRICT, WITHOUT ROWID;

-- Unverified submissions accepted before have lost what is personal in them.
ALTER TABLE partners ADD COLUMN forgotten_before INTEGER NOT NULL DEFAULT 0;

-- Only the submission that wrote the signature, and when it begins to count: one that is held is verified when it is
-- released, by the moment of the release, as if nobody had held it.
CREATE TRIGGER partner_submission_verified AFTER UPDATE OF state, hold ON signatures
WHEN NEW.partner IS NOT NULL AND NEW.state = 'verified' AND NEW.hold IS NULL AND (OLD.state <> 'verified' OR OLD.hold IS NOT NULL)
BEGIN
  UPDATE partner_submissions
  SET verified_at = iif(OLD.state = 'pending', NEW.verified_at, CAST(unixepoch('subsec') * 1000 AS INTEGER))
  WHERE partner = NEW.partner AND submission = NEW.submission AND verified_at IS NULL;
END;

-- What a person erases is erased here too.
CREATE TRIGGER partner_submission_erased AFTER UPDATE OF sealed ON signatures
WHEN OLD.partner IS NOT NULL AND OLD.sealed IS NOT NULL AND NEW.sealed IS NULL
BEGIN
  UPDATE partner_submissions SET email_hash = NULL, person_hash = NULL, reference = NULL
  WHERE partner = OLD.partner AND submission = OLD.submission;
END;

-- A pending one that gives way to somebody else's must not look different from one that waits: it is forgotten in time.
CREATE TRIGGER partner_submission_deleted AFTER DELETE ON signatures
WHEN OLD.partner IS NOT NULL AND OLD.state <> 'pending'
BEGIN
  UPDATE partner_submissions SET email_hash = NULL, person_hash = NULL, reference = NULL
  WHERE partner = OLD.partner AND submission = OLD.submission;
END;
