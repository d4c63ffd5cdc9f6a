import { fixed, grouped, table, told } from './markdown.ts'
import { chanceOf, inSlice, labelsHeld } from './groupsTable.ts'
import { measureRuns, type Measured, type Summary } from './measureRuns.ts'
import { ofSplit, rowsOf, rowTitle, seedsOf, type Placed, type Row } from './resultRows.ts'
import type { ResultsTask } from './resultsIndex.ts'

/** What the networks know of where an image comes from: one table for each question that kept runs answer. */
export function shortcutTables(task: ResultsTask, placed: readonly Placed[]): string[] {
	const leftOut = rowsOf(placed.filter(({ variant }) => variant.leftOut !== ''))
	const background = rowsOf(placed.filter(({ variant }) => variant.background && variant.leftOut === ''))
	const students = rowsOf(placed.filter(({ role, variant }) => (role === 'shortcut' || role === 'alone') && variant.leftOut === '' && !variant.background))
	const tries = new Set(students.map(({ variant }) => `${variant.sees} ${variant.sampling}`)).size
	return [
		leftOut.length === 0 ? '' : leaveOneOutTable(leftOut),
		background.length === 0 ? '' : backgroundTable(background),
		tries < 2 ? '' : mitigationTable(task, students),
	]
}

function aboveChance({ interval }: Summary, chance: number): string {
	if (chance === 1) return 'one class only'
	return interval === null ? 'not known' : interval[0] > chance ? 'yes' : 'no'
}

function chanceCells(measured: Measured<'balancedAccuracy' | 'auroc'> | null, multiclass: boolean): string[] {
	if (!measured) return ['', '', '', '', '']
	const chance = multiclass ? chanceOf(measured) : 0.5
	const { balancedAccuracy, auroc } = measured.metrics
	return [told(balancedAccuracy), fixed(chance, 2), aboveChance(balancedAccuracy, chance), told(auroc), aboveChance(auroc, 0.5)]
}

const isMulticlass = ({ runs }: Row) => runs[0]?.evaluation.model.task === 'multiclass'
const CHANCE_HEADER = ['balanced accuracy', 'chance', 'above it', 'AUROC', 'above 0.5']

function leaveOneOutTable(rows: readonly Row[]): string {
	return `### A source that training never saw

Trained without one source and asked about it: test images are those of that source alone. "Above" says whether the whole interval is.

${table(['left out', '', 'sees', 'sampling', 'seeds', 'images', 'labels', ...CHANCE_HEADER], rows.map((row) => {
	const measured = measureRuns(row.runs, ofSplit('test'), ['balancedAccuracy', 'auroc'])
	return [row.variant.leftOut, rowTitle(row), row.variant.sees, row.variant.sampling, seedsOf(row), measured ? grouped(measured.n) : '', measured ? labelsHeld(measured) : '', ...chanceCells(measured, isMulticlass(row))]
}))}`
}

function backgroundTable(rows: readonly Row[]): string {
	return `### What the background alone says

Trained and tested with the lungs masked out: what is above chance here cannot come from the lungs.

${table(['', 'sees', 'sampling', 'seeds', 'images', ...CHANCE_HEADER], rows.map((row) => {
	const measured = measureRuns(row.runs, ofSplit('test'), ['balancedAccuracy', 'auroc'])
	return [rowTitle(row), row.variant.sees, row.variant.sampling, seedsOf(row), measured ? grouped(measured.n) : '', ...chanceCells(measured, isMulticlass(row))]
}))}`
}

function mitigationTable(task: ResultsTask, rows: readonly Row[]): string {
	const metric = task.metric
	return `### Before and after

The student alone by what it sees of an image and how its batches are drawn: ${metric === 'auroc' ? 'mean AUROC' : 'balanced accuracy'} on the test images, all and of parts of them. Films on which no lungs were found are left out of a row that needs them.

${table(['', 'sees', 'sampling', 'seeds', 'images', 'all test images', ...task.slices.map(({ title }) => title)], rows.map((row) => [
	rowTitle(row), row.variant.sees, row.variant.sampling, seedsOf(row), String(row.runs[0]?.predictions.samples.filter(ofSplit('test')).length ?? 0),
	...[ofSplit('test'), ...task.slices.map((slice) => (sample: Parameters<ReturnType<typeof inSlice>>[0]) => sample.split === 'test' && inSlice(slice)(sample))].map((chosen) => {
		const measured = measureRuns(row.runs, chosen, [metric])
		return measured ? told(measured.metrics[metric]) : ''
	}),
]))}`
}
