-- What is kept of what partners sent ends when it should, and a test's verification is told of.

-- Whose a submission is stands here only once it counts: until then the signature alone says so, and ends by itself.
DROP TRIGGER partner_submission_verified;
CREATE TRIGGER partner_submission_verified AFTER UPDATE OF state, hold ON signatures
WHEN NEW.partner IS NOT NULL AND NEW.state = 'verified' AND NEW.hold IS NULL AND (OLD.state <> 'verified' OR OLD.hold IS NOT NULL)
BEGIN
  UPDATE partner_submissions
  SET verified_at = iif(OLD.state = 'pending', NEW.verified_at, CAST(unixepoch('subsec') * 1000 AS INTEGER)),
    email_hash = NEW.email_hash, person_hash = NEW.person_hash
  WHERE partner = NEW.partner AND submission = NEW.submission AND verified_at IS NULL;
END;

-- A test that is verified is told of as a live submission is, and marked: partners try out how they receive, too.
CREATE TRIGGER webhook_test_verified AFTER UPDATE OF verified_at ON test_submissions
WHEN NEW.verified_at IS NOT NULL AND OLD.verified_at IS NULL
BEGIN
  INSERT INTO webhook_events (type, partner, test, petition_no, subject)
    VALUES ('submission.verified', NEW.partner, 1, NEW.petition_no, lower(hex(NEW.submission)));
END;
