-- Supporters' places: one definition for the trigger, the gate and the pages.

-- Of a petition that takes supporters: how many count, and how many places are left. A place is taken by whoever has
-- verified, held or not, so that a held one sees no difference; the creator takes none.
CREATE VIEW supporter_places AS
  SELECT petition_no, verified - creator_counts AS supporters, creator_counts,
    supporters_max - verified - quarantined_verified + creator_signed AS places_left
  FROM (
    SELECT petitions.no AS petition_no, supporters_max, verified, quarantined_verified,
      own.state IS 'verified' AS creator_signed, own.state IS 'verified' AND own.hold IS NULL AS creator_counts
    FROM petitions JOIN petition_tallies ON petition_tallies.petition_no = petitions.no
    LEFT JOIN signatures AS own ON own.petition_no = petitions.no AND own.email_hash = petitions.creator_email_hash
      AND own.person_hash = petitions.creator_person_hash
    WHERE petitions.state = 'gathering' OR petitions.state = 'moderation' OR petitions.state = 'changes_requested'
  );

-- Of those who verify at once, when fewer places are left, the later ones stay pending; also when the creator has
-- withdrawn meanwhile, whose signature took none.
DROP TRIGGER supporters_full;
CREATE TRIGGER supporters_full BEFORE UPDATE OF state ON signatures
WHEN NEW.role = 'supporter' AND NEW.state = 'verified' AND OLD.state = 'pending'
BEGIN
  SELECT RAISE(IGNORE) FROM supporter_places WHERE petition_no = NEW.petition_no AND places_left <= 0;
END;

-- A petition that was shown to staff before its supporters were complete (hidden, and taken back) gathers the rest of
-- them once its creator has changed it.
DROP TRIGGER petition_transition;
CREATE TRIGGER petition_transition BEFORE UPDATE OF state ON petitions
WHEN NEW.state <> OLD.state AND instr(CASE OLD.state
  WHEN 'draft'             THEN ' gathering moderation '
  WHEN 'gathering'         THEN ' moderation hidden '
  WHEN 'moderation'        THEN ' open changes_requested rejected hidden '
  WHEN 'changes_requested' THEN ' moderation gathering rejected hidden '
  WHEN 'open'              THEN ' closed stopped hidden '
  WHEN 'closed'            THEN ' open hidden '
  WHEN 'stopped'           THEN ' open hidden '
  WHEN 'rejected'          THEN ' moderation hidden '
  WHEN 'hidden'            THEN ' moderation rejected '
  END, ' ' || NEW.state || ' ') = 0
BEGIN
  SELECT RAISE(ABORT, 'petition_transition');
END;
