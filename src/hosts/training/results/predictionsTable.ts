import { parse } from 'csv-parse/sync'
import { UserError } from '../../../common/contract/procedures.ts'
import type { Sample } from '../data/dataSet.ts'

/** What predictions.csv says: a sample (without a path) and its logits per row. */
export interface Predictions {
	samples: readonly Sample[]
	/** [sample, label] */
	logits: Float32Array
}

const FIXED = ['id', 'split', 'group', 'source']
const TRUTHS = new Map<string, number | null>([['', null], ['0', 0], ['1', 1]])

/**
 * Reads what predictionsCsv wrote. A softened truth counts as not known, as everywhere in an evaluation.
 * @param title how the file is called in messages.
 * @throws UserError naming the line where it is something else.
 */
export function readPredictions(text: string, labels: readonly string[], title: string): Predictions {
	let rows: string[][]
	try {
		rows = parse(text, { relax_column_count: false, skip_empty_lines: true })
	} catch (error) {
		throw new UserError(`${title} is no table of predictions: ${error instanceof Error ? error.message : String(error)}`)
	}
	const [header = [], ...lines] = rows
	const columns = header.slice(FIXED.length, header.length - 2 * labels.length).map((name) => name.replace(/^column /, ''))
	const expected = [...FIXED, ...columns.map((name) => `column ${name}`), ...labels.map((name) => `truth ${name}`), ...labels.map((name) => `logit ${name}`)]
	const wrong = expected.findIndex((name, index) => header[index] !== name)
	if (wrong >= 0 || header.length !== expected.length) throw new UserError(`${title}: the column ${wrong + 1} is "${header[wrong] ?? ''}" and not "${expected[wrong] ?? ''}".`)
	const logits = new Float32Array(lines.length * labels.length)
	const samples = lines.map((line, row): Sample => {
		const fault = (what: string) => new UserError(`${title}, line ${row + 2}: ${what}.`)
		const [id = '', split = '', group = '', source = ''] = line.slice(0, FIXED.length).map(plain)
		if (split !== 'train' && split !== 'validation' && split !== 'test') throw fault(`"${split}" is no split`)
		const truth = labels.map((_, label) => {
			const written = line[FIXED.length + columns.length + label] ?? ''
			const value = TRUTHS.get(written)
			if (value === undefined && !(Number(written) > 0 && Number(written) < 1)) throw fault(`"${written}" is no truth`)
			return value ?? null
		})
		for (const label of labels.keys()) {
			const written = line[FIXED.length + columns.length + labels.length + label] ?? ''
			const value = Number(written)
			if (written === '' || !Number.isFinite(value)) throw fault(`"${written}" is no logit`)
			logits[row * labels.length + label] = value
		}
		return { id, path: '', truth, split, group, source, attributes: Object.fromEntries(columns.map((name, index) => [name, plain(line[FIXED.length + index] ?? '')])) }
	})
	return { samples, logits }
}

/** Without the apostrophe that keeps spreadsheets from computing. */
function plain(text: string): string {
	return /^'[=+\-@\t\r]/.test(text) ? text.slice(1) : text
}
