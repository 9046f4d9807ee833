-- Staff's list of petitions, and what a decision sets off.

-- All petitions, newest first; one department's; and those that wait for a decision, the oldest first: a page of staff's
-- list reads the rows that it shows. Petitions are few and change these columns a handful of times.
CREATE INDEX petitions_by_age ON petitions (coalesce(opens_at, created_at), no);
CREATE INDEX petitions_of_department ON petitions (department_code, coalesce(opens_at, created_at), no);
CREATE INDEX petitions_in_moderation ON petitions (state, coalesce(waiting_since, created_at), no);

-- Who was told that a petition is accepted hears when it opens; deciding again on the same opening is no news.
CREATE TRIGGER creator_scheduled AFTER UPDATE OF approved_at ON petitions
WHEN NEW.state = 'moderation' AND NEW.approved_at IS NOT NULL AND NEW.creator_person_hash IS NOT NULL
  AND (OLD.approved_at IS NULL OR NEW.opens_at IS NOT OLD.opens_at)
BEGIN
  INSERT INTO petition_mails VALUES ('creator_news', json_array(printf('%08x:scheduled', NEW.no)));
END;

-- A stamp that is cleared takes back the mail of which nothing has been sent, so that the next time is told. Of a mail
-- that somebody may have, there is no second one.
CREATE TRIGGER threshold_mail_taken_back AFTER UPDATE OF reached_at ON thresholds
WHEN NEW.reached_at IS NULL AND OLD.reached_at IS NOT NULL AND NEW.mailed_at IS NOT NULL
BEGIN
  UPDATE thresholds SET mailed_at = NULL WHERE petition_no = NEW.petition_no AND name = NEW.name
    AND EXISTS (SELECT 1 FROM outbox WHERE kind = 'threshold_reached' AND state = 'waiting' AND lease_until = 0
      AND attempts = 0 AND sending = '[]' AND remaining = items AND instr(items, printf('"%08x:%s"', NEW.petition_no, NEW.name)) > 0);
  UPDATE outbox SET state = 'sent', remaining = '[]'
  WHERE kind = 'threshold_reached' AND state = 'waiting' AND lease_until = 0
    AND attempts = 0 AND sending = '[]' AND remaining = items AND instr(items, printf('"%08x:%s"', NEW.petition_no, NEW.name)) > 0;
END;
