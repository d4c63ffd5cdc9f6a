/** Data sets that networks are trained on. Their images stay where they are. */
export const dataSets = `
CREATE TABLE data_sets (
	id INTEGER PRIMARY KEY,
	title TEXT NOT NULL,
	-- The data part of a recipe (src/common/contract/training/data.ts) with what was corrected by hand.
	recipe TEXT NOT NULL CHECK (json_valid(recipe)),
	created_at TEXT NOT NULL,
	removed_at TEXT,
	-- What the last survey found (src/common/contract/training/dataSets.ts), of which recipe, and the name of its file of samples in the folder data-sets.
	survey TEXT CHECK (json_valid(survey)),
	surveyed_at TEXT,
	surveyed_recipe_sha256 TEXT,
	samples TEXT,
	CHECK ((survey IS NULL) = (surveyed_at IS NULL) AND (survey IS NULL) = (surveyed_recipe_sha256 IS NULL) AND (survey IS NULL) = (samples IS NULL))
) STRICT;
`
