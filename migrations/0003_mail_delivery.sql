-- What becomes of mail after it has left: trouble noted on the signature, addresses that get none, and rates by day.
-- A signature whose mail arrives pays for none of this beyond its share of one row a batch.

-- The worst that is known of a signature's mail, and when the provider saw it. Without an index: an event brings the
-- signature's key, or the address from which the key is computed.
ALTER TABLE signatures ADD COLUMN mail_trouble TEXT CHECK (mail_trouble = 'suppressed' OR mail_trouble = 'bounced_soft'
  OR mail_trouble = 'bounced_hard' OR mail_trouble = 'complained');
ALTER TABLE signatures ADD COLUMN mail_trouble_at INTEGER CHECK ((mail_trouble_at IS NULL) = (mail_trouble IS NULL));

-- The items whose mails were handed over in one call that has not been answered for: they go again together, under the
-- same key, so that the provider knows them.
ALTER TABLE outbox ADD COLUMN sending TEXT NOT NULL DEFAULT '[]' CHECK (json_type(sending) = 'array');

-- Addresses that get no mail any more, as hashes keyed by ROOT_KEY: the table names nobody.
CREATE TABLE suppressed_addresses (
  hash   TEXT PRIMARY KEY CHECK (length(hash) = 22),
  reason TEXT NOT NULL CHECK (reason = 'bounced_hard' OR reason = 'complained'),
  since  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- One row a day of the municipality.
CREATE TABLE mail_rates (
  day          TEXT PRIMARY KEY CHECK (day GLOB '20??-??-??'),
  sent         INTEGER NOT NULL DEFAULT 0 CHECK (sent >= 0),
  delivered    INTEGER NOT NULL DEFAULT 0 CHECK (delivered >= 0),
  bounced_hard INTEGER NOT NULL DEFAULT 0 CHECK (bounced_hard >= 0),
  bounced_soft INTEGER NOT NULL DEFAULT 0 CHECK (bounced_soft >= 0),
  complained   INTEGER NOT NULL DEFAULT 0 CHECK (complained >= 0),
  suppressed   INTEGER NOT NULL DEFAULT 0 CHECK (suppressed >= 0)
) STRICT, WITHOUT ROWID;

-- Which events have been counted, so that one which comes again is not: by the provider's time in steps of ten seconds,
-- where a repeated event falls again and its neighbours share the row. Kept for a week.
CREATE TABLE mail_events (
  moment INTEGER PRIMARY KEY CHECK (moment % 10000 = 0),
  day    TEXT NOT NULL,                                         -- the municipality's
  seen   TEXT NOT NULL CHECK (json_type(seen) = 'object')       -- {event: kind}
) STRICT;

-- One definition of counting what a row has seen and had not seen before, for the two triggers below.
CREATE VIEW mail_event_moves AS SELECT '' AS day, '' AS seen, '' AS before WHERE 0;

CREATE TRIGGER mail_event_moves_apply INSTEAD OF INSERT ON mail_event_moves
BEGIN
  INSERT INTO mail_rates (day, delivered, bounced_hard, bounced_soft, complained, suppressed)
    SELECT NEW.day, coalesce(sum(kind = 'delivered'), 0), coalesce(sum(kind = 'bounced_hard'), 0),
      coalesce(sum(kind = 'bounced_soft'), 0), coalesce(sum(kind = 'complained'), 0), coalesce(sum(kind = 'suppressed'), 0)
    FROM (SELECT value AS kind FROM json_each(NEW.seen) WHERE NEW.before ->> ('$."' || key || '"') IS NULL)
    WHERE true
    ON CONFLICT (day) DO UPDATE SET delivered = delivered + excluded.delivered,
      bounced_hard = bounced_hard + excluded.bounced_hard, bounced_soft = bounced_soft + excluded.bounced_soft,
      complained = complained + excluded.complained, suppressed = suppressed + excluded.suppressed;
END;

CREATE TRIGGER mail_events_first AFTER INSERT ON mail_events
BEGIN
  INSERT INTO mail_event_moves VALUES (NEW.day, NEW.seen, '{}');
END;

CREATE TRIGGER mail_events_more AFTER UPDATE OF seen ON mail_events
BEGIN
  INSERT INTO mail_event_moves VALUES (NEW.day, NEW.seen, OLD.seen);
END;
