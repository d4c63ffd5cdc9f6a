/** The first schema of the study library. A migration that was released is never edited: the next change is a new file. */
export const initial = `
CREATE TABLE patients (
	id INTEGER PRIMARY KEY,
	patient_id TEXT NOT NULL,
	name TEXT NOT NULL,
	-- Words of the name, folded: what compares names and sorts them.
	name_key TEXT NOT NULL,
	sex TEXT NOT NULL,
	birth_date TEXT NOT NULL
) STRICT;
CREATE INDEX patients_by_identity ON patients (patient_id, name_key);

-- Dates are YYYY-MM-DD or ''. The same UID under two patients is two studies: a wrong name over a film is worse than a split study.
CREATE TABLE studies (
	id INTEGER PRIMARY KEY,
	patient_row INTEGER NOT NULL REFERENCES patients (id),
	study_instance_uid TEXT NOT NULL,
	date TEXT NOT NULL,
	time TEXT NOT NULL,
	age TEXT NOT NULL,
	description TEXT NOT NULL,
	accession_number TEXT NOT NULL,
	referring_physician TEXT NOT NULL,
	imported_at TEXT NOT NULL,
	deleted_at TEXT,
	UNIQUE (study_instance_uid, patient_row)
) STRICT;
CREATE INDEX studies_by_patient ON studies (patient_row);

CREATE TABLE series (
	id INTEGER PRIMARY KEY,
	study_id INTEGER NOT NULL REFERENCES studies (id),
	series_instance_uid TEXT NOT NULL,
	modality TEXT NOT NULL,
	description TEXT NOT NULL,
	body_part TEXT NOT NULL,
	laterality TEXT NOT NULL,
	view_position TEXT NOT NULL,
	number INTEGER,
	UNIQUE (study_id, series_instance_uid)
) STRICT;

CREATE TABLE instances (
	id INTEGER PRIMARY KEY,
	series_id INTEGER NOT NULL REFERENCES series (id),
	study_id INTEGER NOT NULL REFERENCES studies (id),
	sha256 TEXT NOT NULL UNIQUE CHECK (length(sha256) = 64),
	bytes INTEGER NOT NULL,
	kind TEXT NOT NULL,
	file_name TEXT NOT NULL,
	sop_instance_uid TEXT NOT NULL,
	sop_class_uid TEXT NOT NULL,
	instance_number INTEGER,
	frames INTEGER NOT NULL,
	rows INTEGER NOT NULL,
	columns INTEGER NOT NULL,
	samples_per_pixel INTEGER NOT NULL,
	bits_stored INTEGER NOT NULL,
	transfer_syntax TEXT,
	photometric TEXT NOT NULL,
	notes TEXT NOT NULL CHECK (json_valid(notes)),
	imported_at TEXT NOT NULL
) STRICT;
CREATE INDEX instances_by_series ON instances (series_id);
CREATE INDEX instances_by_study ON instances (study_id);
CREATE INDEX instances_by_sop ON instances (sop_instance_uid) WHERE sop_instance_uid <> '';

CREATE TABLE analyses (
	id INTEGER PRIMARY KEY,
	study_id INTEGER NOT NULL REFERENCES studies (id),
	instance_id INTEGER NOT NULL REFERENCES instances (id),
	frame_index INTEGER NOT NULL CHECK (frame_index >= 0),
	role TEXT NOT NULL CHECK (role IN ('student', 'teacher')),
	created_at TEXT NOT NULL,
	software_version TEXT NOT NULL,
	model_title TEXT NOT NULL,
	model_sha256 TEXT NOT NULL,
	answer_state TEXT NOT NULL CHECK (answer_state IN ('positive', 'negative', 'abstained', 'refused')),
	answer_text TEXT NOT NULL,
	answer_probability REAL NOT NULL,
	prediction TEXT NOT NULL CHECK (json_valid(prediction))
) STRICT;
CREATE INDEX analyses_by_image ON analyses (instance_id, frame_index, model_sha256);
CREATE INDEX analyses_by_study ON analyses (study_id);

CREATE TABLE maps (
	id INTEGER PRIMARY KEY,
	analysis_id INTEGER NOT NULL REFERENCES analyses (id),
	created_at TEXT NOT NULL,
	layer TEXT NOT NULL,
	mode TEXT NOT NULL,
	-- The state without its values.
	state TEXT NOT NULL CHECK (json_valid(state)),
	labels TEXT NOT NULL CHECK (json_valid(labels)),
	-- float32, little endian: label after label, row by row.
	map_values BLOB NOT NULL,
	UNIQUE (analysis_id, layer, mode)
) STRICT;

CREATE TABLE findings (
	id INTEGER PRIMARY KEY,
	study_id INTEGER NOT NULL REFERENCES studies (id),
	instance_id INTEGER REFERENCES instances (id),
	frame_index INTEGER,
	analysis_id INTEGER REFERENCES analyses (id),
	label TEXT,
	text TEXT NOT NULL,
	status TEXT NOT NULL CHECK (status IN ('suggested', 'accepted', 'rejected')),
	origin TEXT NOT NULL CHECK (origin IN ('network', 'reader')),
	edited INTEGER NOT NULL,
	probability REAL,
	operating_point REAL,
	model TEXT CHECK (json_valid(model)),
	created_at TEXT NOT NULL,
	decided_at TEXT
) STRICT;
CREATE INDEX findings_by_study ON findings (study_id);
-- A network says a thing once per image.
CREATE UNIQUE INDEX findings_of_network ON findings (instance_id, frame_index, label) WHERE origin = 'network';

CREATE TABLE drafts (
	study_id INTEGER PRIMARY KEY REFERENCES studies (id),
	text TEXT NOT NULL CHECK (json_valid(text)),
	saved_at TEXT NOT NULL,
	addendum_to INTEGER
) STRICT;

CREATE TABLE reports (
	id INTEGER PRIMARY KEY,
	study_id INTEGER NOT NULL REFERENCES studies (id),
	version INTEGER NOT NULL CHECK (version >= 1),
	kind TEXT NOT NULL CHECK (kind IN ('report', 'addendum')),
	signed_by TEXT NOT NULL,
	signed_at TEXT NOT NULL,
	pdf_sha256 TEXT NOT NULL CHECK (length(pdf_sha256) = 64),
	-- Everything that was signed, as it was then.
	content TEXT NOT NULL CHECK (json_valid(content)),
	UNIQUE (study_id, version)
) STRICT;
CREATE INDEX reports_by_pdf ON reports (pdf_sha256);
CREATE TRIGGER reports_stay_as_signed BEFORE UPDATE ON reports BEGIN
	SELECT RAISE(ABORT, 'A signed report is never changed.');
END;
CREATE TRIGGER reports_stay BEFORE DELETE ON reports BEGIN
	SELECT RAISE(ABORT, 'A signed report is never removed.');
END;
-- INSERT OR REPLACE would delete without firing the trigger above.
CREATE TRIGGER reports_are_not_replaced BEFORE INSERT ON reports
WHEN EXISTS (SELECT 1 FROM reports WHERE id = NEW.id OR (study_id = NEW.study_id AND version = NEW.version)) BEGIN
	SELECT RAISE(ABORT, 'A signed report is never changed.');
END;

CREATE TABLE annotations (
	id INTEGER PRIMARY KEY,
	instance_id INTEGER NOT NULL REFERENCES instances (id),
	frame_index INTEGER NOT NULL CHECK (frame_index >= 0),
	uid TEXT NOT NULL,
	tool TEXT NOT NULL,
	points TEXT NOT NULL CHECK (json_valid(points)),
	label TEXT NOT NULL,
	text TEXT NOT NULL,
	saved_at TEXT NOT NULL,
	UNIQUE (instance_id, frame_index, uid)
) STRICT;

CREATE TABLE imports (
	import_id TEXT PRIMARY KEY,
	process_id INTEGER NOT NULL,
	started_at TEXT NOT NULL,
	finished_at TEXT,
	state TEXT NOT NULL CHECK (state IN ('running', 'finished', 'cancelled', 'failed')),
	summary TEXT NOT NULL CHECK (json_valid(summary))
) STRICT;

CREATE INDEX imports_running ON imports (state) WHERE state = 'running';

-- One row per study that is not removed, kept by refreshWorklistRow: what the list filters and sorts by, in covering indexes.
CREATE TABLE worklist (
	study_id INTEGER PRIMARY KEY REFERENCES studies (id),
	name_key TEXT NOT NULL,
	patient_key TEXT NOT NULL,
	-- Modalities of its series, sorted, joined by ', '.
	modality TEXT NOT NULL,
	-- 0 unread, 1 draft, 2 signed.
	reading_state INTEGER NOT NULL,
	answer_state TEXT NOT NULL,
	study_date TEXT NOT NULL,
	images INTEGER NOT NULL,
	answer TEXT NOT NULL
) STRICT;
CREATE INDEX worklist_by_import ON worklist (study_id, modality, reading_state, answer_state, study_date);
CREATE INDEX worklist_by_name ON worklist (name_key, study_id, modality, reading_state, answer_state, study_date);
CREATE INDEX worklist_by_patient ON worklist (patient_key, study_id, modality, reading_state, answer_state, study_date);
CREATE INDEX worklist_by_modality ON worklist (modality, study_id, reading_state, answer_state, study_date);
CREATE INDEX worklist_by_state ON worklist (reading_state, study_id, modality, answer_state, study_date);
CREATE INDEX worklist_by_answer ON worklist (answer_state, study_id, modality, reading_state, study_date);
CREATE INDEX worklist_by_date ON worklist (study_date, study_id, modality, reading_state, answer_state);

-- Words are folded and split before they come here (words.ts), so the plain tokenizer splits at blanks and keeps every letter of every script.
CREATE VIRTUAL TABLE worklist_search USING fts5 (
	words, content = '', contentless_delete = 1, detail = none, tokenize = 'ascii', prefix = '1 2 3 4 5 6'
);
`
