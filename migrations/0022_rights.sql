-- What a person is told before they sign, in versions; and what they may do with their data afterwards.

-- ---------------------------------------------------------------- notices

-- Texts that are published once and never changed. Version 1 of each kind is the service's own words and is no row.
CREATE TABLE notices (
  kind         TEXT NOT NULL CHECK (kind = 'privacy' OR kind = 'eligibility' OR kind = 'partner_consent'),
  version      INTEGER NOT NULL CHECK (version >= 2),
  texts        TEXT NOT NULL CHECK (json_type(texts) = 'object'),  -- {locale: text}
  url          TEXT CHECK (length(url) <= 500),                    -- where the same stands on the municipality's site
  published_at INTEGER NOT NULL,
  PRIMARY KEY (kind, version)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER notices_are_not_changed BEFORE UPDATE ON notices
BEGIN
  SELECT RAISE(ABORT, 'notices_are_append_only');
END;

CREATE TRIGGER notices_are_not_deleted BEFORE DELETE ON notices
BEGIN
  SELECT RAISE(ABORT, 'notices_are_append_only');
END;

-- Each version follows the one before it, so that none is replaced and none is left out.
CREATE TRIGGER notices_follow BEFORE INSERT ON notices
BEGIN
  SELECT RAISE(ABORT, 'notice_version') WHERE NEW.version <>
    (SELECT coalesce(max(version), 1) + 1 FROM notices WHERE kind = NEW.kind);
END;

-- ---------------------------------------------------------------- signatures

-- Which versions the person saw; NULL for signatures from before notices had versions.
ALTER TABLE signatures ADD COLUMN privacy_version INTEGER CHECK (privacy_version >= 1);
ALTER TABLE signatures ADD COLUMN eligibility_version INTEGER CHECK (eligibility_version >= 1);

-- Hashes of the names that the person corrected theirs to: eight hexadecimal digits each, with spaces between. The row's
-- key stays that of the first name, so that links, codes and the count know it; under any of these names the person has
-- signed already.
ALTER TABLE signatures ADD COLUMN other_names TEXT CHECK (length(other_names) BETWEEN 8 AND 44);

-- As before, with two differences. What was verified keeps its place, also when staff have taken it out: nobody learns of
-- that by trying who may still sign at the mailbox. And a person is known by every name that they corrected theirs to.
DROP TRIGGER signature_one_person;
CREATE TRIGGER signature_one_person BEFORE INSERT ON signatures
WHEN EXISTS (SELECT 1 FROM signatures AS mailbox
  WHERE mailbox.petition_no = NEW.petition_no AND mailbox.email_hash = NEW.email_hash)
BEGIN
  SELECT RAISE(IGNORE) FROM signatures AS same
  WHERE same.petition_no = NEW.petition_no AND same.email_hash = NEW.email_hash AND iif(same.person_hash = NEW.person_hash,
    same.verified_at IS NOT NULL OR NEW.accepted_at <= max(same.accepted_at, iif(same.state = 'withdrawn', same.ended_at, 0)),
    instr(same.other_names, printf('%08x', NEW.person_hash)) > 0);

  SELECT RAISE(IGNORE) FROM (
    SELECT count(*) AS names, max(other.postcode_hash IS NOT NEW.postcode_hash) AS elsewhere FROM signatures AS other
    WHERE other.petition_no = NEW.petition_no AND other.email_hash = NEW.email_hash
      AND other.person_hash <> NEW.person_hash
      AND (other.verified_at IS NOT NULL
        OR (other.state = 'pending' OR other.state = 'invalidated' AND other.sealed IS NOT NULL)
        AND (other.accepted_at, other.person_hash) > (NEW.accepted_at, NEW.person_hash))
  ) WHERE names >= 2 OR elsewhere;

  DELETE FROM signatures
  WHERE petition_no = NEW.petition_no AND email_hash = NEW.email_hash AND person_hash <> NEW.person_hash
    AND state = 'pending' AND (postcode_hash IS NOT NEW.postcode_hash
      OR EXISTS (SELECT 1 FROM signatures AS third
        WHERE third.petition_no = NEW.petition_no AND third.email_hash = NEW.email_hash
          AND third.person_hash <> NEW.person_hash AND third.person_hash <> signatures.person_hash
          AND third.postcode_hash IS NEW.postcode_hash
          AND (third.verified_at IS NOT NULL
            OR (third.state = 'pending' OR third.state = 'invalidated' AND third.sealed IS NOT NULL)
            AND (third.accepted_at, third.person_hash) > (signatures.accepted_at, signatures.person_hash))));
END;

-- As before; nor must it bring a person back who has signed meanwhile under another of their names.
DROP TRIGGER signature_revival;
CREATE TRIGGER signature_revival BEFORE UPDATE OF state ON signatures
WHEN OLD.state = 'invalidated' AND (NEW.state = 'pending' OR NEW.state = 'verified')
BEGIN
  SELECT RAISE(IGNORE) FROM (
    SELECT count(*) AS names, max(other.postcode_hash IS NOT NEW.postcode_hash) AS elsewhere,
      max(instr(other.other_names, printf('%08x', NEW.person_hash)) > 0) AS same
    FROM signatures AS other
    WHERE other.petition_no = NEW.petition_no AND other.email_hash = NEW.email_hash
      AND other.person_hash <> NEW.person_hash AND (other.state = 'pending' OR other.state = 'verified')
  ) WHERE names >= 2 OR elsewhere OR same;
END;

-- A name that another signature of the mailbox has, by its key or by a correction, is that one's while it holds a place:
-- the row then stays as it is. One that nobody has verified gives way.
CREATE TRIGGER signature_other_names BEFORE UPDATE OF other_names ON signatures
WHEN NEW.other_names IS NOT OLD.other_names AND NEW.other_names IS NOT NULL
BEGIN
  SELECT RAISE(IGNORE) FROM signatures AS other
  WHERE other.petition_no = NEW.petition_no AND other.email_hash = NEW.email_hash AND other.person_hash <> NEW.person_hash
    AND (instr(NEW.other_names, printf('%08x', other.person_hash)) > 0 AND (other.verified_at IS NOT NULL
        OR other.role = 'creator' AND other.sealed IS NOT NULL)
      OR instr(other.other_names, substr(NEW.other_names, -8)) > 0);

  DELETE FROM signatures
  WHERE petition_no = NEW.petition_no AND email_hash = NEW.email_hash AND person_hash <> NEW.person_hash
    AND verified_at IS NULL AND sealed IS NOT NULL AND role <> 'creator'
    AND instr(NEW.other_names, printf('%08x', person_hash)) > 0;
END;
