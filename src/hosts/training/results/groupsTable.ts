import type { Sample } from '../data/dataSet.ts'
import { FEWEST_OF_GROUP } from '../pack/packMetrics.ts'
import { fixed, grouped, table, told } from './markdown.ts'
import { measureRuns, type Chosen, type Measured } from './measureRuns.ts'
import { longTitle, valueOf, type Row } from './resultRows.ts'
import type { ResultsTask, Slice } from './resultsIndex.ts'

/** Columns with more values are not worth a table. */
const MOST_VALUES = 30

export function inSlice({ column, values }: Slice): (sample: Sample) => boolean {
	return (sample) => values.includes(valueOf(sample, column))
}

/** Which labels occur among the images, and how often. */
export function labelsHeld({ labels }: Pick<Measured, 'labels'>): string {
	return labels.filter(({ positives }) => positives > 0).map(({ name, positives }) => `${name} ${grouped(positives)}`).join(', ')
}

/** What a network has that knows nothing: its balanced accuracy is one over the classes that occur. */
export function chanceOf({ labels }: Pick<Measured, 'labels'>): number {
	return 1 / labels.filter(({ positives }) => positives > 0).length
}

/** The comparison's number for each slice of the task, and for each value of each column of the data that divides the test images. */
export function groupsTable(task: ResultsTask, rows: readonly Row[]): string {
	const samples = (rows[0]?.runs[0]?.predictions.samples ?? []).filter(({ split }) => split === 'test')
	const isSlice = (column: string, value: string) => task.slices.some((slice) => slice.column === column && slice.values.length === 1 && slice.values[0] === value)
	const columns = ['source', ...new Set(samples.flatMap(({ attributes }) => Object.keys(attributes)))].flatMap((column) => {
		const values = [...Map.groupBy(samples, (sample) => valueOf(sample, column))].filter(([value]) => value !== '')
		if (values.length < 2 || values.length > MOST_VALUES) return []
		return values.filter(([value, own]) => own.length >= FEWEST_OF_GROUP && !isSlice(column, value)).toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([value]): Slice => ({ title: `${column} ${value}`, column, values: [value] }))
	})
	const parts = [...task.slices, ...columns].flatMap((slice) => {
		const of = inSlice(slice)
		const chosen: Chosen = (sample) => sample.split === 'test' && of(sample)
		const measured = rows.map((row) => measureRuns(row.runs, chosen, [task.metric]))
		const [first] = measured
		if (!first) return []
		return [[slice.title, String(first.n), String(first.groups), labelsHeld(first), task.metric === 'auroc' ? '0.50' : fixed(chanceOf(first), 2), ...measured.map((one) => (one ? told(one.metrics[task.metric]) : ''))]]
	})
	if (parts.length === 0) return ''
	return `### By source and other groups

${task.metric === 'auroc' ? 'Mean AUROC' : 'Balanced accuracy'} on the test images of each group with at least ${FEWEST_OF_GROUP} of them. Where a group holds one class, it is the recall of that class, which a network that always says this class has too.

${table(['', 'images', 'patients or groups', 'labels', 'chance', ...rows.map(longTitle)], parts)}`
}
