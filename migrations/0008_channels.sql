-- Channels are registered with somebody who answers for them: for every petition, or for one. None is ever deleted,
-- because tallies name them: a retired one takes no more signatures.
ALTER TABLE channels ADD COLUMN owner TEXT CHECK (length(owner) BETWEEN 1 AND 255);
ALTER TABLE channels ADD COLUMN retired_at INTEGER;

-- A petition's own channels are one row: whoever needs a petition's channels needs them all, and a row is a row read.
CREATE TABLE petition_channels (
  petition_no INTEGER PRIMARY KEY REFERENCES petitions (no),
  channels    TEXT NOT NULL CHECK (json_type(channels) = 'object')  -- {code: {label, owner, retired_at}}
) STRICT;

-- Half and half, so that no petition has more than 100: enough to tell posters apart, too few to mark people.
CREATE TRIGGER channels_are_few BEFORE INSERT ON channels
WHEN NOT EXISTS (SELECT 1 FROM channels WHERE code = NEW.code)
BEGIN
  SELECT RAISE(ABORT, 'channels_full') WHERE (SELECT count(*) FROM channels) >= 50;
END;

CREATE TRIGGER petition_channels_are_few BEFORE UPDATE ON petition_channels
BEGIN
  SELECT RAISE(ABORT, 'channels_full') WHERE (SELECT count(*) FROM json_each(NEW.channels)) > 50;
END;
