-- What another system says of a petition that was imported from it. Facts of their own: nothing here is counted,
-- moves a tally or reaches a threshold, and the tables that do know nothing of these.

CREATE TABLE imported_facts (
  source           TEXT NOT NULL CHECK (length(source) BETWEEN 1 AND 100),
  source_id        TEXT NOT NULL CHECK (length(source_id) BETWEEN 1 AND 64),
  petition_no      INTEGER NOT NULL REFERENCES petitions (no),
  text_digest        BLOB NOT NULL CHECK (length(text_digest) = 32),  -- of the text as it was imported: staff may have edited it since
  url              TEXT,
  as_of            TEXT NOT NULL CHECK (as_of GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]'),  -- a day
  as_of_basis      TEXT NOT NULL CHECK (as_of_basis IN ('stated', 'latest_event')),
  opened_at        INTEGER,
  signatures       INTEGER CHECK (signatures >= 0),
  thresholds       TEXT NOT NULL DEFAULT '[]' CHECK (json_type(thresholds) = 'array'),  -- [{name, reached_at}], the source's names
  response_summary TEXT,
  response_details TEXT,
  responded_on     TEXT CHECK (responded_on GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]'),
  areas_as_of      TEXT CHECK (areas_as_of GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]'),
  PRIMARY KEY (source, source_id),
  CHECK ((response_summary IS NULL) = (response_details IS NULL)),
  CHECK (responded_on IS NULL OR response_summary IS NOT NULL)
) STRICT, WITHOUT ROWID;

-- One petition shows its facts; only imports pay for it.
CREATE INDEX imported_facts_of ON imported_facts (petition_no);

-- The source's areas, by its own codes and names: they need not be the municipality's.
CREATE TABLE imported_area_counts (
  source     TEXT NOT NULL,
  source_id  TEXT NOT NULL,
  area_code  TEXT NOT NULL CHECK (length(area_code) BETWEEN 1 AND 32),
  name       TEXT NOT NULL,
  signatures INTEGER NOT NULL CHECK (signatures >= 0),
  PRIMARY KEY (source, source_id, area_code),
  FOREIGN KEY (source, source_id) REFERENCES imported_facts (source, source_id)
) STRICT, WITHOUT ROWID;
