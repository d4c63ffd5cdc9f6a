import { UserError } from '../../../common/contract/procedures.ts'
import type { EvaluationReport } from '../../../common/contract/training/evaluation.ts'
import { COMPARED_METRICS, type AnsweredSplit, type ComparedMetric, type RunComparison } from '../../../common/contract/training/review.ts'
import { OVERALL_METRICS } from '../../../common/stats/metrics.ts'
import { sideBySide, type WithInterval } from '../results/measureRuns.ts'
import { ofSplit } from '../results/resultRows.ts'
import { openRun, readRecord, type RunFolder } from '../runs/folder.ts'
import { readAnswered } from './answered.ts'
import { runDetail } from './detail.ts'

/**
 * Runs side by side. The first is what the others are held against, on the images of the split that all of them answered on.
 * @throws UserError where one of them is not there.
 */
export function compareRuns(runs: string, ids: readonly string[], split: AnsweredSplit): RunComparison {
	const folders = ids.map((id) => openRun(runs, id))
	const found = onTheSame(folders, split)
	return {
		split,
		runs: folders.map((folder) => rowOf(runs, folder, split)),
		fields: differingFields(folders.map(({ recipe }) => recipe)),
		common: 'reason' in found ? null : found,
		reason: 'reason' in found ? found.reason : '',
	}
}

function rowOf(runs: string, { id, directory, recipe, environment }: RunFolder, split: AnsweredSplit): RunComparison['runs'][number] {
	const { evaluation } = runDetail(runs, id)
	const { state, seconds } = readRecord(directory)
	const model = evaluation?.model ?? null
	return {
		id, name: recipe.name, state, student: environment.student.name, labels: environment.data.labels, seed: recipe.seed, seconds,
		parameters: environment.student.parameters, macs: model?.macs ?? null, bytes: model?.bytes ?? null, milliseconds: model?.latency?.medianMilliseconds ?? null,
		results: resultsOf(evaluation, split),
	}
}

function resultsOf(evaluation: EvaluationReport | null, split: AnsweredSplit): RunComparison['runs'][number]['results'] {
	const own = evaluation?.splits.find((each) => each.split === split)
	return own ? { n: own.n, groups: own.groups, metrics: Object.fromEntries(OVERALL_METRICS.map((metric) => [metric, { value: own[metric], interval: own.intervals[metric] }])) } : null
}

function onTheSame(folders: readonly RunFolder[], split: AnsweredSplit): NonNullable<RunComparison['common']> | { reason: string } {
	const [first] = folders
	const other = folders.find(({ environment }) => environment.data.labels.join('\n') !== first?.environment.data.labels.join('\n'))
	if (other) return { reason: `${other.id} has other labels than ${first?.id ?? ''}.` }
	// Ids are file names: in two folders the same name may be two images.
	const elsewhere = folders.find(({ recipe, environment }) => environment.data.sha256 !== first?.environment.data.sha256 && recipe.data.folder !== first?.recipe.data.folder)
	if (elsewhere) return { reason: `${elsewhere.id} and ${first?.id ?? ''} are of different data sets.` }
	try {
		const measured = sideBySide(folders.map(readAnswered), COMPARED_METRICS, ofSplit(split))
		if (!measured) return { reason: `There is no ${split} image that all of them answered on.` }
		return {
			n: measured.n, groups: measured.groups,
			runs: measured.runs.map(({ metrics, differences }, index) => ({ id: folders[index]?.id ?? '', metrics: named(metrics), differences: index === 0 ? null : named(differences) })),
		}
	} catch (error) {
		if (error instanceof UserError) return { reason: error.message }
		throw error
	}
}

function named(values: readonly WithInterval[]): Record<ComparedMetric, { value: number | null; interval: [number, number] | null }> {
	return Object.fromEntries(COMPARED_METRICS.map((metric, index) => {
		const { value = Number.NaN, interval = null } = values[index] ?? {}
		return [metric, { value: Number.isNaN(value) ? null : value, interval: Number.isNaN(value) ? null : interval }]
	})) as Record<ComparedMetric, { value: number | null; interval: [number, number] | null }>
}

/** The fields in which recipes differ: the deepest that both have, lists as a whole. */
function differingFields(recipes: readonly object[]): RunComparison['fields'] {
	const flat = recipes.map((recipe) => new Map(fieldsOf(recipe)))
	const fields = [...new Set(flat.flatMap((own) => [...own.keys()]))]
	return fields.map((field) => ({ field, values: flat.map((own) => own.get(field) ?? null) })).filter(({ values }) => new Set(values).size > 1)
}

function fieldsOf(value: object, path = ''): [field: string, value: string][] {
	return Object.entries(value).flatMap(([key, part]: [string, unknown]) => {
		const field = path === '' ? key : `${path}.${key}`
		return typeof part === 'object' && part !== null && !Array.isArray(part) ? fieldsOf(part, field) : [[field, JSON.stringify(part) ?? '']]
	})
}
