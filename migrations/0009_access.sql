-- What needs attention is read by index: a handful of rows, however many petitions there are.

-- Petitions that wait for staff, the longest first: everybody's, and one department's. Each pays a row on entering.
CREATE INDEX petitions_waiting ON petitions (waiting_since) WHERE state = 'moderation' AND approved_at IS NULL;
CREATE INDEX petitions_waiting_in ON petitions (department_code, waiting_since)
  WHERE state = 'moderation' AND approved_at IS NULL;

-- Thresholds that were reached and that nobody has acted on: a row when one is reached, none a signature.
CREATE INDEX thresholds_unanswered ON thresholds (reached_at) WHERE reached_at IS NOT NULL AND acted_at IS NULL;

-- The log of one kind of act without reading every other. Entries are as rare as staff's acts.
CREATE INDEX audit_act ON audit (act, id);

-- Messages that no consumer could handle, the longest there first.
CREATE INDEX dead_letters_arrived ON dead_letters (arrived_at);

-- INSERT OR REPLACE would take an entry's place without a DELETE that a trigger sees.
CREATE TRIGGER audit_is_not_replaced BEFORE INSERT ON audit
WHEN EXISTS (SELECT 1 FROM audit WHERE id = NEW.id)
BEGIN
  SELECT RAISE(ABORT, 'audit_is_append_only');
END;
