-- Webhooks: what partners are told of, delivery by delivery. What a signature has to do with it, only a partner's pays.

-- Where a partner wants to be told. `petitions` and `events` are what it may and wants to hear of.
CREATE TABLE webhook_endpoints (
  id             TEXT PRIMARY KEY CHECK (length(id) = 36),
  partner        TEXT NOT NULL REFERENCES partners (code),
  url            TEXT NOT NULL CHECK (length(url) <= 2000),           -- '' once it is deleted: addresses may hold secrets
  label          TEXT CHECK (length(label) BETWEEN 1 AND 100),
  events         TEXT NOT NULL CHECK (json_type(events) = 'array'),
  petitions      TEXT CHECK (json_type(petitions) = 'array'),         -- their UUIDs; NULL: every petition
  signing_key    BLOB,                                                -- under ROOT_KEY; NULL once the endpoint is deleted
  previous_key   BLOB,                                                -- signs too, until then
  previous_until INTEGER,
  created_at     INTEGER NOT NULL,
  last_sequence  INTEGER NOT NULL DEFAULT 0 CHECK (last_sequence >= 0),
  begun_through  INTEGER NOT NULL DEFAULT 0 CHECK (begun_through >= 0),  -- every delivery up to here has been tried
  lease_until    INTEGER NOT NULL DEFAULT 0,                          -- one worker at a time
  failures       INTEGER NOT NULL DEFAULT 0 CHECK (failures >= 0),    -- attempts that failed since the last that did not
  rests_until    INTEGER NOT NULL DEFAULT 0,
  enabled_at     INTEGER NOT NULL,
  disabled_at    INTEGER,
  disabled_for   TEXT CHECK (disabled_for = 'failing' OR disabled_for = 'gone'),
  totals_day     TEXT CHECK (totals_day GLOB '20??-??-??'),           -- the last day whose totals it was told
  deleted_at     INTEGER,
  CHECK ((disabled_at IS NULL) = (disabled_for IS NULL)),
  CHECK ((previous_key IS NULL) = (previous_until IS NULL)),
  CHECK ((signing_key IS NULL) = (deleted_at IS NOT NULL))
) STRICT, WITHOUT ROWID;

-- A partner's verified signature finds its partner's endpoints, and reads no other's.
CREATE INDEX webhook_endpoints_of ON webhook_endpoints (partner);

-- Staff see which are disabled without reading all: a row when one is.
CREATE INDEX webhook_endpoints_disabled ON webhook_endpoints (disabled_at) WHERE disabled_at IS NOT NULL AND deleted_at IS NULL;

CREATE TRIGGER webhooks_are_few BEFORE INSERT ON webhook_endpoints
BEGIN
  SELECT RAISE(ABORT, 'webhooks_full') FROM (SELECT count(*) AS n FROM webhook_endpoints
    WHERE partner = NEW.partner AND deleted_at IS NULL) WHERE n >= 10;
END;

-- One event for one endpoint: what it was, by reference, and how far it has come. What is waiting for its first attempt is
-- found by the endpoint's `begun_through`, so that only what failed or is wanted again pays for an index.
CREATE TABLE webhook_deliveries (
  endpoint_id   TEXT NOT NULL REFERENCES webhook_endpoints (id),
  sequence      INTEGER NOT NULL CHECK (sequence >= 1),
  type          TEXT NOT NULL CHECK (length(type) BETWEEN 1 AND 40),
  test          INTEGER NOT NULL DEFAULT 0 CHECK (test IN (0, 1)),
  petition_no   INTEGER,
  subject       TEXT,     -- the threshold's name, how a petition ended, the submission's id in hexadecimal
  data          TEXT CHECK (json_type(data) = 'object'),  -- of daily totals: numbers can't be read again later
  at            INTEGER NOT NULL,
  state         TEXT NOT NULL DEFAULT 'waiting' CHECK (state = 'waiting' OR state = 'failing' OR state = 'delivered'),
  attempts      INTEGER NOT NULL DEFAULT 0 CHECK (attempts >= 0),
  failing_since INTEGER,
  due_at        INTEGER,  -- when it is tried again; NULL: first attempt, or delivered
  tried_at      INTEGER,
  status        INTEGER,  -- of the last answer
  error         TEXT,     -- its class
  ms            INTEGER,  -- how long the last attempt took
  PRIMARY KEY (endpoint_id, sequence)
) STRICT, WITHOUT ROWID;

CREATE INDEX webhook_deliveries_again ON webhook_deliveries (endpoint_id, due_at) WHERE due_at IS NOT NULL;

-- ---------------------------------------------------------------- what happens becomes deliveries

-- One definition of telling whom it concerns, in the transaction of the cause. `partner`: only that one's endpoints;
-- `endpoint`: only that one, whatever it asked to hear of.
CREATE VIEW webhook_events AS
  SELECT '' AS type, '' AS partner, '' AS endpoint, 0 AS test, 0 AS petition_no, '' AS subject, '' AS data WHERE 0;

-- Whoever has been disabled for 30 days, or is suspended, is told nothing. The bounds are an index's: no text is above x''.
CREATE TRIGGER webhook_events_deliver INSTEAD OF INSERT ON webhook_events
BEGIN
  INSERT INTO webhook_deliveries (endpoint_id, sequence, type, test, petition_no, subject, data, at)
  SELECT id, last_sequence + 1, NEW.type, coalesce(NEW.test, 0), NEW.petition_no, NEW.subject, NEW.data,
    CAST(unixepoch('subsec') * 1000 AS INTEGER)
  FROM webhook_endpoints
  WHERE partner BETWEEN coalesce(NEW.partner, '') AND coalesce(NEW.partner, x'') AND deleted_at IS NULL
    AND coalesce(disabled_at > (unixepoch() - 30 * 86400) * 1000, 1)
    AND iif(NEW.endpoint IS NULL, instr(events, '"' || NEW.type || '"'), id = NEW.endpoint)
    AND (petitions IS NULL OR NEW.petition_no IS NULL OR instr(petitions, printf('%08x"', NEW.petition_no)))
    AND EXISTS (SELECT 1 FROM partners WHERE code = partner AND suspended_at IS NULL);
END;

-- An endpoint's sequence has no gap, whoever writes: the key refuses a number that is taken, and this moves it on.
CREATE TRIGGER webhook_sequence AFTER INSERT ON webhook_deliveries
BEGIN
  UPDATE webhook_endpoints SET last_sequence = NEW.sequence WHERE id = NEW.endpoint_id;
END;

CREATE TRIGGER webhook_petition_opened AFTER UPDATE OF state ON petitions
WHEN NEW.state = 'open' AND OLD.state <> 'open'
BEGIN
  INSERT INTO webhook_events (type, petition_no, subject)
    VALUES ('petition.opened', NEW.no, iif(OLD.state = 'moderation', 'opened', 'reopened'));
END;

CREATE TRIGGER webhook_petition_closed AFTER UPDATE OF state ON petitions
WHEN OLD.state = 'open' AND (NEW.state = 'closed' OR NEW.state = 'stopped')
BEGIN
  INSERT INTO webhook_events (type, petition_no, subject) VALUES ('petition.closed', NEW.no, NEW.state);
END;

CREATE TRIGGER webhook_threshold_reached AFTER UPDATE OF reached_at ON thresholds
WHEN NEW.reached_at IS NOT NULL AND OLD.reached_at IS NULL
BEGIN
  INSERT INTO webhook_events (type, petition_no, subject) VALUES ('threshold.reached', NEW.petition_no, NEW.name);
END;

CREATE TRIGGER webhook_response_published AFTER INSERT ON responses
WHEN NEW.published_at IS NOT NULL
BEGIN
  INSERT INTO webhook_events (type, petition_no, subject) VALUES ('response.published', NEW.petition_no, 'published');
END;

CREATE TRIGGER webhook_response_amended AFTER UPDATE OF summary, details ON responses
WHEN NEW.summary <> OLD.summary OR NEW.details <> OLD.details
BEGIN
  INSERT INTO webhook_events (type, petition_no, subject) VALUES ('response.published', NEW.petition_no, 'amended');
END;

-- Once, when a submission first counts: at its verification, or when its hold is lifted. A repeat and a held one are not
-- told of, so they look like any that waits. Nothing here looks at signatures that no partner sent.
CREATE TRIGGER webhook_submission_verified AFTER UPDATE OF verified_at ON partner_submissions
WHEN NEW.verified_at IS NOT NULL AND OLD.verified_at IS NULL
BEGIN
  INSERT INTO webhook_events (type, partner, petition_no, subject)
    VALUES ('submission.verified', NEW.partner, NEW.petition_no, lower(hex(NEW.submission)));
END;

-- Its owner hears once that an endpoint is told nothing any more.
CREATE TRIGGER webhook_disabled AFTER UPDATE OF disabled_at ON webhook_endpoints
WHEN NEW.disabled_at IS NOT NULL AND OLD.disabled_at IS NULL
BEGIN
  INSERT INTO petition_mails VALUES ('webhook_disabled', json_array(':' || NEW.id));
END;
