import type { ExplanationSetReport } from '../../../common/contract/training/explanationSet.ts'
import { RESAMPLES } from '../../../common/stats/interval.ts'
import { medianOf } from '../../../common/stats/median.ts'
import { groupsTable } from './groupsTable.ts'
import { lungsPart, type KeptLungs } from './keptLungs.ts'
import type { KeptRun } from './keptRun.ts'
import { fixed, grouped, inPoints, table, told } from './markdown.ts'
import { measureRuns, pairedDifference, TABLE_METRICS, type TableMetric } from './measureRuns.ts'
import { pairsTable } from './pairsTable.ts'
import { PUBLISHED } from './published.ts'
import { longTitle, ofSplit, placedRuns, rowsOf, rowTitle, seedsOf, type Row } from './resultRows.ts'
import type { Goal, ResultsIndex, ResultsTask } from './resultsIndex.ts'
import { shortcutTables } from './shortcutTables.ts'

/** Everything that docs/results.md is made of. */
export interface KeptResults {
	index: ResultsIndex
	/** By id. */
	runs: ReadonlyMap<string, KeptRun>
	lungs: readonly KeptLungs[]
	/** Of results/explanations. */
	explanations: readonly ExplanationSetReport[]
}

const METRIC_TITLES: Record<ResultsTask['metric'], string> = { balancedAccuracy: 'balanced accuracy', auroc: 'mean AUROC' }

/** A student keeps its teacher's level when it loses no more than this. */
const MOST_LOST = 0.02
/** At this share of its multiply-accumulates or less. */
const MOST_MACS = 0.1

/**
 * docs/results.md: a function of what is kept and nothing else.
 * @throws UserError where index, recipes and predictions do not fit each other.
 */
export function resultsDocument(kept: KeptResults): string {
	return `# Results

<!-- Made by \`npm run results\` of what lies in results/. Do not edit. -->

Teacher, student alone and student distilled, as in the two papers, on the images that were at hand. Every number is computed anew from the predictions that the runs left behind
(\`results/runs\`: recipe, environment, log and predictions of each run; no weights), by the definitions of [evaluation](evaluation.md).

- Numbers are of the test images. A run answers them once, at its end, with weights, calibration and thresholds that were chosen on the validation images; the column that is of the validation images says so.
- \`0.861 ± 0.012 (0.830 to 0.889)\`: mean over the seeds, standard deviation between them (n - 1), 95 % interval over patients of that mean (percentile bootstrap over patients or groups,
  ${grouped(RESAMPLES)} draws, the same patients for every seed). A row of one seed has no deviation.
- Precision, recall and F1 are means over the labels. ECE is the calibration error in 15 bins, before and after the calibration that the validation images gave.
- MACs are multiply-accumulates of one image. Size is the ONNX file, 1 MB = 1,000,000 bytes. Latency is the run's own measurement, beside whatever else the machine did then: the median of up to 31 runs of one image through the network alone.
- A point is a hundredth. What a table cannot say it leaves empty.

${[...kept.index.tasks.map((task) => taskPart(task, kept)), lungsPart(kept.lungs)].filter((part) => part !== '').join('\n\n')}
`
}

function taskPart(task: ResultsTask, kept: KeptResults): string {
	const placed = placedRuns(kept.index, task.id, kept.runs)
	const compared = rowsOf(placed.filter(({ role, variant }) => role !== 'shortcut' && variant.leftOut === '' && !variant.background))
	return [
		`## ${task.title}`,
		placed.length === 0 ? 'No run of this task is kept yet.' : '',
		...(compared.length === 0 ? [] : [comparison(task, compared, kept.explanations), statements(task, compared), ...task.notes, groupsTable(task, compared), pairsTable(task, compared)]),
		...shortcutTables(task, placed),
		published(task),
	].filter((part) => part !== '').join('\n\n')
}

/** The table of the papers' comparison. */
function comparison(task: ResultsTask, rows: readonly Row[], explanations: readonly ExplanationSetReport[]): string {
	const parts = rows.map((row) => {
		const test = measureRuns(row.runs, ofSplit('test'), TABLE_METRICS)
		const validation = measureRuns(row.runs, ofSplit('validation'), [task.metric])
		const { parameters, macs, bytes } = row.runs[0]?.evaluation.model ?? { parameters: 0, macs: null, bytes: 0 }
		const of = (metric: TableMetric) => (test ? told(test.metrics[metric]) : '')
		const latency = medianOf(row.runs.flatMap(({ evaluation }) => evaluation.model.latency?.medianMilliseconds ?? []))
		return {
			test,
			cells: [
				rowTitle(row), row.variant.sees, row.variant.sampling, seedsOf(row), test ? grouped(test.n) : '', validation ? told(validation.metrics[task.metric]) : '',
				of('accuracy'), of('balancedAccuracy'), of('macroPrecision'), of('macroRecall'), of('macroF1'), of('auroc'), of('eceBefore'), of('ece'),
				`${fixed(parameters / 1e6, 2)} M`, macs === null ? '' : `${fixed(macs / 1e9, 3)} G`, `${fixed(bytes / 1e6, 1)} MB`, latency === null ? '' : `${fixed(latency, 1)} ms`, agreement(row, rows, explanations),
			],
		}
	})
	const [first] = parts
	const [run] = rows[0]?.runs ?? []
	const machines = [...new Set(rows.flatMap(({ runs }) => runs.flatMap(({ evaluation: { model: { latency } } }) => (latency ? [`${latency.processor}, ${latency.threads} ${latency.threads === 1 ? 'thread' : 'threads'}`] : []))))]
	const samples = run?.environment.data.samples
	return `### Teacher, student alone, student distilled

${samples ? `${grouped(samples.train)} training, ${grouped(samples.validation)} validation and ${grouped(samples.test)} test images` : ''}${first?.test ? ` (test: ${grouped(first.test.groups)} patients or groups; ${first.test.labels.map(({ name, positives }) => `${name} ${grouped(positives)}`).join(', ')})` : ''}.

${table(
	['', 'sees', 'sampling', 'seeds', 'test images', `${METRIC_TITLES[task.metric]}, validation`, 'accuracy', 'balanced accuracy', 'precision', 'recall', 'F1', 'AUROC', 'ECE before', 'ECE after', 'parameters', 'MACs', 'size', 'latency', 'Score-CAM like its teacher\'s: rank correlation; overlap of the top fifth'],
	parts.map(({ cells }) => cells),
)}

${machines.length === 0 ? '' : `Latency on: ${machines.join('; ')}. `}Runs: ${rows.map((row) => `${longTitle(row)}: ${row.runs.map(({ id }) => `\`${id}\``).join(', ')}`).join('; ')}.`
}

/** How alike the maps of a row's network are to those of a teacher of the table, where explain-set has measured them. */
function agreement({ runs }: Row, rows: readonly Row[], explanations: readonly ExplanationSetReport[]): string {
	const teachers = rows.filter(({ role }) => role === 'teacher').flatMap((row) => row.runs)
	return explanations.flatMap(({ models, comparison: compared }) => {
		const hash = (role: 'model' | 'teacher') => models.find((model) => model.role === role)?.sha256
		const [student, teacher] = [runs.find(({ pack }) => pack.sha256 === hash('model')), teachers.find(({ pack }) => pack.sha256 === hash('teacher'))]
		const all = compared.find(({ group }) => group.column === 'all')
		if (!student || !teacher || !all) return []
		const mean = ({ value, interval }: typeof all.rankCorrelation) => (value === null ? '–' : told({ values: [], mean: value, deviation: null, interval }, 2))
		return [`${mean(all.rankCorrelation)}; ${mean(all.topFifthOverlap)} (seed ${student.recipe.seed}, ${teacher.pack.architecture}, ${all.n} images)`]
	}).join('; ')
}

/** Whether distillation gave anything, and what the student lost of its teacher: from the numbers, whichever way they are. */
function statements(task: ResultsTask, rows: readonly Row[]): string {
	const title = METRIC_TITLES[task.metric]
	const distilled = rows.filter(({ role }) => role === 'distilled')
	if (distilled.length === 0) return ''
	const lines = distilled.flatMap((row) => {
		const others = rows.filter((other) => other.role === 'alone' && other.architecture === row.architecture && other.variant.sees === row.variant.sees)
		return [
			...(others.length === 0 ? [`- ${longTitle(row)}: no run of the same network alone is kept, so nothing can be said of what distillation gives.`] : others.map((other) => againstAlone(row, other, task.metric, title))),
			...task.goals.map((goal) => againstGoal(row, goal)),
			...againstTeachers(row, rows.filter(({ role }) => role === 'teacher'), task.metric, title),
		]
	})
	return `**What the numbers say.** Differences are of the same patients; where there are several seeds, seeds are drawn too, in pairs.\n\n${lines.join('\n')}`
}

const verdict = (holds: boolean) => (holds ? '**yes**' : '**no**')

function againstAlone(row: Row, alone: Row, metric: TableMetric, title: string): string {
	const pairs = row.runs.flatMap((run) => alone.runs.filter((other) => other.recipe.seed === run.recipe.seed).map((other) => [run, other] as const))
	if (pairs.length === 0) return `- ${longTitle(row)} and ${longTitle(alone)} have no seed in common, so they are not compared.`
	const difference = pairedDifference(pairs, metric, ofSplit('test'))
	const { interval } = difference
	const chance = interval === null ? '' : interval[0] > 0 ? ' The whole interval is above 0.' : interval[1] < 0 ? ' The whole interval is below 0.' : ' The interval holds 0: this may be chance either way.'
	return `- ${longTitle(row)}, at least as good as ${longTitle(alone)} (${title}): ${verdict(difference.mean >= 0)}, ${inPoints(difference)}.${chance}${pairs.length < row.runs.length || pairs.length < alone.runs.length ? ` Compared on the seeds that both have (${pairs.length}).` : ''}`
}

const GOAL_TITLES: Record<TableMetric, string> = {
	accuracy: 'accuracy', balancedAccuracy: 'balanced accuracy', macroPrecision: 'precision', macroRecall: 'recall', macroF1: 'F1', auroc: 'mean AUROC', eceBefore: 'calibration error before calibration', ece: 'calibration error after calibration',
}

function againstGoal(row: Row, goal: Goal): string {
	const measured = measureRuns(row.runs, ofSplit('test'), [goal.metric])?.metrics[goal.metric]
	const wanted = 'least' in goal ? `at least ${goal.least}` : `at most ${goal.most}`
	const reached = measured !== undefined && ('least' in goal ? measured.mean >= goal.least : measured.mean <= goal.most)
	return `- ${longTitle(row)}, ${GOAL_TITLES[goal.metric]} ${wanted}: ${verdict(reached)}, ${measured ? told(measured) : 'not measured'}.`
}

function againstTeachers(row: Row, teachers: readonly Row[], metric: TableMetric, title: string): string[] {
	const lines = teachers.flatMap((teacher) => {
		const pairs = row.runs.flatMap((run) => teacher.runs.filter(({ pack }) => run.environment.teachers.some(({ sha256 }) => sha256 === pack.sha256)).map((other) => [run, other] as const))
		if (pairs.length === 0) return []
		const difference = pairedDifference(pairs, metric, ofSplit('test'))
		const [ours, theirs] = [row.runs[0]?.evaluation.model.macs ?? null, teacher.runs[0]?.evaluation.model.macs ?? null]
		const share = ours === null || theirs === null ? null : ours / theirs
		const cheap = share !== null && share <= MOST_MACS
		const close = difference.mean >= -MOST_LOST
		return [`- ${longTitle(row)}, within two points of its ${longTitle(teacher)} (${title}) at a tenth or less of its MACs: ${verdict(cheap && close)}, ${inPoints(difference)} at ${share === null ? 'an unknown share' : `${fixed(100 * share, 1)} %`} of its MACs${close ? '' : '; it loses more than two points'}${cheap ? '' : '; it is not that much cheaper'}.`]
	})
	return lines.length > 0 ? lines : [`- ${longTitle(row)}: no run of its teacher is kept, so they are not compared.`]
}

function published({ id }: ResultsTask): string {
	const known = PUBLISHED[id]
	return known ? `### What the papers published

${table(['', 'data', 'value', 'from'], known.rows.map(({ what, data, value, from }) => [what, data, value, from]))}

${known.differs}` : ''
}
