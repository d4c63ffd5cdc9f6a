import { z } from 'zod'
import { analysisSchema, camStateSchema, predictionSchema, type Analysis, type CamState, type Prediction, type StoredCam } from '../../common/contract/analysis.ts'
import { UserError } from '../../common/contract/procedures.ts'
import { inTransaction, prepared } from './database.ts'
import { refreshWorklistRow } from './worklist.ts'
import type { Library } from './library.ts'

interface AnalysisRow {
	id: number
	studyId: number
	instanceId: number
	frameIndex: number
	role: Analysis['role']
	createdAt: string
	softwareVersion: string
	modelTitle: string
	prediction: string
}

const ANALYSIS_COLUMNS = `
	id, study_id AS studyId, instance_id AS instanceId, frame_index AS frameIndex, role, created_at AS createdAt,
	software_version AS softwareVersion, model_title AS modelTitle, prediction`

/** What the state and labels columns of a map's row hold. */
const withoutMapsSchema = camStateSchema.omit({ maps: true })
const namesSchema = z.array(z.string())

/** Keeps a prediction; earlier ones of the same image stay. @throws UserError where there is no such image. */
export function saveAnalysis(library: Library, analysis: Omit<Analysis, 'id' | 'studyId' | 'createdAt'>): Analysis {
	const { database } = library
	const prediction = predictionSchema.parse(analysis.prediction)
	const answer = answerOf(prediction)
	return inTransaction(database, () => {
		const instance = prepared<[number], { study_id: number; sha256: string }>(database, 'SELECT study_id, sha256 FROM instances WHERE id = ?').get(analysis.instanceId)
		if (!instance) throw new UserError('The image that was analysed is not in the library.')
		if (instance.sha256 !== prediction.inputSha256) throw new Error('The prediction is of another file than the image that it is stored with.')
		const { lastInsertRowid } = prepared(database, `
			INSERT INTO analyses (study_id, instance_id, frame_index, role, created_at, software_version, model_title, model_sha256, answer_state, answer_text, answer_probability, prediction)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
		`).run(
			instance.study_id, analysis.instanceId, analysis.frameIndex, analysis.role, new Date().toISOString(), analysis.softwareVersion,
			analysis.modelTitle, prediction.model.sha256, answer.state, answer.text, answer.probability, JSON.stringify(prediction),
		)
		refreshWorklistRow(database, instance.study_id)
		return getAnalysis(library, Number(lastInsertRowid))
	})
}

/** @throws UserError where there is none. */
export function getAnalysis(library: Library, analysisId: number): Analysis {
	const row = prepared<[number], AnalysisRow>(library.database, `SELECT ${ANALYSIS_COLUMNS} FROM analyses WHERE id = ?`).get(analysisId)
	if (!row) throw new UserError('This analysis is not in the library.')
	return analysisOf(row)
}

/** The newest analysis of an image by a graph, whatever version of the program made it; null where there is none. */
export function findCachedAnalysis(library: Library, image: { instanceId: number; frameIndex: number; modelSha256: string }): Analysis | null {
	const row = prepared<[number, number, string], AnalysisRow>(library.database, `
		SELECT ${ANALYSIS_COLUMNS} FROM analyses WHERE instance_id = ? AND frame_index = ? AND model_sha256 = ? ORDER BY id DESC LIMIT 1
	`).get(image.instanceId, image.frameIndex, image.modelSha256)
	return row ? analysisOf(row) : null
}

/** Newest first. */
export function analysesOfStudy(library: Library, studyId: number): Analysis[] {
	return prepared<[number], AnalysisRow>(library.database, `SELECT ${ANALYSIS_COLUMNS} FROM analyses WHERE study_id = ? ORDER BY id DESC`).all(studyId).map(analysisOf)
}

/**
 * Keeps a finished map with its analysis, in place of an earlier one of the same layer and mode, whose faithfulness goes with it. Values are kept as float32.
 * @throws Error for a map that is not exact, a preview above all.
 */
export function saveCam(library: Library, analysisId: number, state: CamState): StoredCam {
	const { database } = library
	const { maps, ...rest } = camStateSchema.parse(state)
	if (!rest.exact || rest.preview) throw new Error('Only a map with every channel in it is kept.')
	const labels = Object.keys(maps)
	const size = rest.height * rest.width
	const values = new Float32Array(labels.length * size)
	for (const [index, label] of labels.entries()) {
		const map = maps[label] ?? []
		if (map.length !== size) throw new Error(`The map of ${label} has ${map.length} values instead of ${size}.`)
		values.set(map, index * size)
	}
	const id = inTransaction(database, () => {
		getAnalysis(library, analysisId)
		return prepared<unknown[], { id: number }>(database, `
			INSERT INTO maps (analysis_id, created_at, layer, mode, state, labels, map_values) VALUES (?, ?, ?, ?, ?, ?, ?)
			ON CONFLICT (analysis_id, layer, mode) DO UPDATE SET
				created_at = excluded.created_at, state = excluded.state, labels = excluded.labels, map_values = excluded.map_values
			RETURNING id
		`).get(analysisId, new Date().toISOString(), rest.layer, rest.mode, JSON.stringify(rest), JSON.stringify(labels), Buffer.from(values.buffer))?.id
	})
	const stored = storedCams(library, analysisId).find((cam) => cam.id === id)
	if (!stored) throw new Error('The map was not stored.')
	return stored
}

/** All maps kept with an analysis, newest first. One whose row is damaged counts as not there: it can be made again. */
export function storedCams(library: Library, analysisId: number): StoredCam[] {
	const rows = prepared<[number], { id: number; createdAt: string; layer: string; mode: string; state: string; labels: string; values: Buffer }>(
		library.database, 'SELECT id, created_at AS createdAt, layer, mode, state, labels, map_values AS "values" FROM maps WHERE analysis_id = ? AND json_valid(state) AND json_valid(labels) ORDER BY id DESC',
	).all(analysisId)
	return rows.flatMap(({ id, createdAt, layer, mode, state, labels, values }) => {
		const about = withoutMapsSchema.safeParse(JSON.parse(state)).data
		const names = namesSchema.safeParse(JSON.parse(labels)).data
		if (!about?.exact || about.preview || !names || about.layer !== layer || about.mode !== mode) return []
		const size = about.height * about.width
		if (values.byteLength !== names.length * size * Float32Array.BYTES_PER_ELEMENT) return []
		// A copy: SQLite's buffer need not be aligned to four bytes.
		const numbers = new Float32Array(new Uint8Array(values).buffer)
		if (!numbers.every((value) => value >= 0 && value <= 1)) return []
		const maps = Object.fromEntries(names.map((label, index) => [label, Array.from(numbers.subarray(index * size, (index + 1) * size))]))
		return [{ id, analysisId, createdAt, state: { ...about, maps } }]
	})
}

/** A prediction in one line: what the worklist shows of it, with two decimals. */
export function answerOf(prediction: Prediction): { state: 'positive' | 'negative' | 'abstained' | 'refused'; text: string; probability: number } {
	if (!prediction.gate.ok) return { state: 'refused', text: 'Refused', probability: 0 }
	if (prediction.abstained) return { state: 'abstained', text: 'Abstained', probability: 0 }
	const byProbability = prediction.labels.toSorted((a, b) => b.probability - a.probability)
	const positive = byProbability.find((label) => label.finding && label.positive)
	const strongest = positive ?? byProbability[0]
	return {
		state: positive ? 'positive' : 'negative',
		text: strongest ? `${strongest.title} ${strongest.probability.toFixed(2)}` : '',
		probability: strongest?.probability ?? 0,
	}
}

function analysisOf(row: AnalysisRow): Analysis {
	return analysisSchema.parse({ ...row, prediction: JSON.parse(row.prediction) })
}
