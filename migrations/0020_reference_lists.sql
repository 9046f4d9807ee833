-- Reference data that staff keep through the API.

-- One row a list: the version that staff decide on, and the codes that are retired: no longer offered, still readable where
-- they were used. Whoever changes a list moves its row in the same transaction.
CREATE TABLE reference_lists (
  name    TEXT PRIMARY KEY CHECK (name IN ('departments', 'topics', 'rejection_reasons', 'areas', 'postcodes')),
  version INTEGER NOT NULL DEFAULT 1,
  retired TEXT NOT NULL DEFAULT '{}' CHECK (json_type(retired) = 'object')  -- {code: since when}
) STRICT, WITHOUT ROWID;

INSERT INTO reference_lists (name) VALUES ('departments'), ('topics'), ('rejection_reasons'), ('areas'), ('postcodes');

-- A retired area keeps its name for what was counted there. Its people live in other areas of the list now: who compares
-- counts with populations must be able to tell.
CREATE TRIGGER count_labels_areas_retired AFTER UPDATE OF retired ON reference_lists
WHEN NEW.name = 'areas' AND NEW.retired <> OLD.retired
BEGIN
  UPDATE count_labels SET areas = (SELECT json_group_object(areas.code, json_patch('{}', json_object('name', areas.name,
      'population', areas.population, 'retired', gone.value)))
    FROM areas LEFT JOIN json_each(NEW.retired) AS gone ON gone.key = areas.code);
END;
