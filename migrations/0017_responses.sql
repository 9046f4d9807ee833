-- The municipality's answer: drafted, published, amended with its history; and the hearing.

ALTER TABLE responses ADD COLUMN amended_at INTEGER;  -- when the text last changed after it was published

-- What staff are writing, until they publish it.
CREATE TABLE response_drafts (
  petition_no INTEGER PRIMARY KEY REFERENCES petitions (no),
  summary     TEXT NOT NULL CHECK (length(summary) BETWEEN 1 AND 500),
  details     TEXT NOT NULL CHECK (length(details) <= 6000),
  drafted_at  INTEGER NOT NULL
) STRICT;

INSERT INTO response_drafts SELECT petition_no, summary, details, 0 FROM responses WHERE published_at IS NULL AND summary <> '';
DELETE FROM responses WHERE published_at IS NULL;

-- Every text that has been published. The newest is also in `responses`.
CREATE TABLE response_versions (
  petition_no  INTEGER NOT NULL REFERENCES petitions (no),
  version      INTEGER NOT NULL CHECK (version >= 1),
  summary      TEXT NOT NULL,
  details      TEXT NOT NULL,
  published_at INTEGER NOT NULL,
  PRIMARY KEY (petition_no, version)
) STRICT, WITHOUT ROWID;

INSERT INTO response_versions SELECT petition_no, 1, summary, details, published_at FROM responses;

CREATE TRIGGER response_first_version AFTER INSERT ON responses
WHEN NEW.published_at IS NOT NULL
BEGIN
  INSERT INTO response_versions VALUES (NEW.petition_no, 1, NEW.summary, NEW.details, NEW.published_at);
END;

CREATE TRIGGER response_next_version AFTER UPDATE OF summary, details ON responses
WHEN NEW.summary <> OLD.summary OR NEW.details <> OLD.details
BEGIN
  INSERT INTO response_versions SELECT NEW.petition_no, 1 + max(version), NEW.summary, NEW.details, NEW.amended_at
    FROM response_versions WHERE petition_no = NEW.petition_no;
END;

CREATE TABLE hearings (
  petition_no INTEGER PRIMARY KEY REFERENCES petitions (no),
  held_on     TEXT NOT NULL CHECK (held_on GLOB '20??-??-??'),  -- the municipality's day: to come, or past
  outcome     TEXT CHECK (length(outcome) BETWEEN 1 AND 6000),
  updated_at  INTEGER NOT NULL
) STRICT;

-- A threshold that is reached after the municipality has done what it stands for is acted on at once. The trigger writes
-- only then, so that reaching one costs nothing more.
CREATE TRIGGER threshold_acted_before AFTER UPDATE OF reached_at ON thresholds
WHEN NEW.reached_at IS NOT NULL AND NEW.acted_at IS NULL AND CASE NEW.name
  WHEN 'response' THEN EXISTS (SELECT 1 FROM responses WHERE petition_no = NEW.petition_no)
  ELSE EXISTS (SELECT 1 FROM hearings WHERE petition_no = NEW.petition_no) END
BEGIN
  UPDATE thresholds SET acted_at = NEW.reached_at WHERE petition_no = NEW.petition_no AND name = NEW.name;
END;
