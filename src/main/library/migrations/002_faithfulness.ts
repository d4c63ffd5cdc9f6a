/** How faithful kept maps are. */
export const faithfulness = `
-- One row per map and label; measured is what the inference host said (src/common/contract/explanation.ts).
CREATE TABLE faithfulness (
	map_id INTEGER NOT NULL REFERENCES maps (id) ON DELETE CASCADE,
	label TEXT NOT NULL,
	created_at TEXT NOT NULL,
	measured TEXT NOT NULL CHECK (json_valid(measured)),
	PRIMARY KEY (map_id, label)
) STRICT;
-- A map that is made again takes the place of the old one in the same row: numbers of the old one must not stand beside it.
CREATE TRIGGER faithfulness_goes_with_its_map AFTER UPDATE ON maps BEGIN
	DELETE FROM faithfulness WHERE map_id = OLD.id;
END;
`
