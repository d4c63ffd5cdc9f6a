/** Comparisons of models and decisions about them, cases that are left out of learning, and what each model said per week. */
export const promotion = `
-- What the training host said of a candidate, whole; sha256 is of the report's text as it stands here.
CREATE TABLE comparisons (
	id INTEGER PRIMARY KEY,
	created_at TEXT NOT NULL,
	candidate TEXT NOT NULL CHECK (json_valid(candidate)),
	report TEXT NOT NULL CHECK (json_valid(report)),
	sha256 TEXT NOT NULL CHECK (length(sha256) = 64)
) STRICT;
CREATE TRIGGER comparisons_stay_as_made BEFORE UPDATE ON comparisons BEGIN
	SELECT RAISE(ABORT, 'A comparison of models is never changed.');
END;
CREATE TRIGGER comparisons_stay BEFORE DELETE ON comparisons BEGIN
	SELECT RAISE(ABORT, 'A comparison of models is never removed.');
END;
-- INSERT OR REPLACE would delete without firing the trigger above.
CREATE TRIGGER comparisons_are_not_replaced BEFORE INSERT ON comparisons
WHEN EXISTS (SELECT 1 FROM comparisons WHERE id = NEW.id) BEGIN
	SELECT RAISE(ABORT, 'A comparison of models is never changed.');
END;

-- Each has the hash of the one before in its content, and sha256 is of the content's text: one that is changed afterwards breaks the chain.
CREATE TABLE decisions (
	id INTEGER PRIMARY KEY,
	content TEXT NOT NULL CHECK (json_valid(content)),
	sha256 TEXT NOT NULL UNIQUE CHECK (length(sha256) = 64)
) STRICT;
CREATE TRIGGER decisions_stay_as_signed BEFORE UPDATE ON decisions BEGIN
	SELECT RAISE(ABORT, 'A decision about a model is never changed.');
END;
CREATE TRIGGER decisions_stay BEFORE DELETE ON decisions BEGIN
	SELECT RAISE(ABORT, 'A decision about a model is never removed.');
END;
CREATE TRIGGER decisions_are_not_replaced BEFORE INSERT ON decisions
WHEN EXISTS (SELECT 1 FROM decisions WHERE id = NEW.id OR sha256 = NEW.sha256) BEGIN
	SELECT RAISE(ABORT, 'A decision about a model is never changed.');
END;
CREATE TRIGGER decisions_follow_each_other BEFORE INSERT ON decisions
WHEN NEW.content ->> '$.previous' IS NOT coalesce((SELECT sha256 FROM decisions ORDER BY id DESC LIMIT 1), '${'0'.repeat(64)}') BEGIN
	SELECT RAISE(ABORT, 'A decision does not follow the one before.');
END;

-- Images that readers decided and that somebody does not want to learn from.
CREATE TABLE left_out_cases (
	instance_id INTEGER NOT NULL REFERENCES instances (id),
	frame_index INTEGER NOT NULL CHECK (frame_index >= 0),
	left_out_at TEXT NOT NULL,
	PRIMARY KEY (instance_id, frame_index)
) STRICT, WITHOUT ROWID;

-- What each model said, by ISO week in UTC, counted when it is said so that a look at a year reads a few rows. An image counts once per model: at its first analysis by it.
CREATE TABLE drift_weeks (
	model_sha256 TEXT NOT NULL,
	week TEXT NOT NULL,
	role TEXT NOT NULL,
	model TEXT NOT NULL CHECK (json_valid(model)),
	model_title TEXT NOT NULL,
	images INTEGER NOT NULL,
	refused INTEGER NOT NULL,
	abstained INTEGER NOT NULL,
	PRIMARY KEY (model_sha256, week)
) STRICT, WITHOUT ROWID;
CREATE TABLE drift_refusals (
	model_sha256 TEXT NOT NULL,
	week TEXT NOT NULL,
	check_name TEXT NOT NULL,
	images INTEGER NOT NULL,
	PRIMARY KEY (model_sha256, week, check_name)
) STRICT, WITHOUT ROWID;
CREATE TABLE drift_labels (
	model_sha256 TEXT NOT NULL,
	week TEXT NOT NULL,
	label TEXT NOT NULL,
	title TEXT NOT NULL,
	finding INTEGER NOT NULL,
	images INTEGER NOT NULL,
	calls INTEGER NOT NULL,
	-- Sum of the calibrated probabilities.
	probability REAL NOT NULL,
	PRIMARY KEY (model_sha256, week, label)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER analyses_are_counted AFTER INSERT ON analyses
WHEN NOT EXISTS (SELECT 1 FROM analyses WHERE instance_id = NEW.instance_id AND frame_index = NEW.frame_index AND model_sha256 = NEW.model_sha256 AND id <> NEW.id) BEGIN
	INSERT INTO drift_weeks (model_sha256, week, role, model, model_title, images, refused, abstained)
	VALUES (
		NEW.model_sha256, coalesce(strftime('%G-W%V', NEW.created_at), ''), NEW.role, coalesce(NEW.prediction -> '$.model', '{}'), NEW.model_title,
		1, NEW.answer_state = 'refused', NEW.answer_state = 'abstained'
	)
	ON CONFLICT (model_sha256, week) DO UPDATE SET
		model = excluded.model, model_title = excluded.model_title, images = images + 1, refused = refused + excluded.refused, abstained = abstained + excluded.abstained;
	INSERT INTO drift_refusals (model_sha256, week, check_name, images)
	SELECT NEW.model_sha256, coalesce(strftime('%G-W%V', NEW.created_at), ''), checks.value ->> '$.name', 1
	FROM json_each(NEW.prediction, '$.gate.checks') checks WHERE checks.value ->> '$.state' = 'failed' LIMIT 1
	ON CONFLICT (model_sha256, week, check_name) DO UPDATE SET images = images + 1;
	INSERT INTO drift_labels (model_sha256, week, label, title, finding, images, calls, probability)
	SELECT
		NEW.model_sha256, coalesce(strftime('%G-W%V', NEW.created_at), ''), labels.value ->> '$.name', labels.value ->> '$.title', labels.value ->> '$.finding',
		1, labels.value ->> '$.positive', labels.value ->> '$.probability'
	FROM json_each(NEW.prediction, '$.labels') labels WHERE true
	ON CONFLICT (model_sha256, week, label) DO UPDATE SET
		title = excluded.title, images = images + 1, calls = calls + excluded.calls, probability = probability + excluded.probability;
END;

-- What was said before this version.
INSERT INTO drift_weeks (model_sha256, week, role, model, model_title, images, refused, abstained)
SELECT model_sha256, coalesce(strftime('%G-W%V', created_at), ''), max(role), max(coalesce(prediction -> '$.model', '{}')), max(model_title), count(*), sum(answer_state = 'refused'), sum(answer_state = 'abstained')
FROM analyses WHERE id IN (SELECT min(id) FROM analyses GROUP BY instance_id, frame_index, model_sha256)
GROUP BY 1, 2;
INSERT INTO drift_refusals (model_sha256, week, check_name, images)
SELECT model_sha256, week, check_name, count(*) FROM (
	SELECT model_sha256, coalesce(strftime('%G-W%V', created_at), '') AS week,
		(SELECT checks.value ->> '$.name' FROM json_each(prediction, '$.gate.checks') checks WHERE checks.value ->> '$.state' = 'failed' LIMIT 1) AS check_name
	FROM analyses WHERE answer_state = 'refused' AND id IN (SELECT min(id) FROM analyses GROUP BY instance_id, frame_index, model_sha256)
)
WHERE check_name IS NOT NULL GROUP BY 1, 2, 3;
INSERT INTO drift_labels (model_sha256, week, label, title, finding, images, calls, probability)
SELECT model_sha256, coalesce(strftime('%G-W%V', created_at), ''), labels.value ->> '$.name', max(labels.value ->> '$.title'), max(labels.value ->> '$.finding'),
	count(*), sum(labels.value ->> '$.positive'), sum(labels.value ->> '$.probability')
FROM analyses, json_each(prediction, '$.labels') labels WHERE analyses.id IN (SELECT min(id) FROM analyses GROUP BY instance_id, frame_index, model_sha256)
GROUP BY 1, 2, 3;

-- Model and week of the analysis that a finding came from, without its long row.
CREATE INDEX analyses_in_time ON analyses (id, model_sha256, created_at);
`
