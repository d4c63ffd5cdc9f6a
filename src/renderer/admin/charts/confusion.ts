import type { EvaluationReport } from '../../../common/contract/training/evaluation.ts'

export type Task = EvaluationReport['model']['task']

export interface ConfusionCell {
	count: number
	/** Of the cases of its row, or of its half of the row where the task is multilabel; null where there are none. */
	share: number | null
	/** Whether these calls are right. */
	right: boolean
}

export interface ConfusionTable {
	columns: readonly string[]
	rows: { label: string; cells: ConfusionCell[]; total: number }[]
}

const OUTCOMES = ['True positive', 'False negative', 'False positive', 'True negative'] as const

/**
 * The table of an evaluation's `confusion` (common/contract/training/evaluation.ts).
 * @param labels names of the labels, as many as there are rows.
 */
export function confusionTable(task: Task, labels: readonly string[], confusion: readonly (readonly number[])[]): ConfusionTable {
	return {
		columns: task === 'multiclass' ? labels : OUTCOMES,
		rows: confusion.map((counts, row) => ({ label: labels[row] ?? '', cells: task === 'multiclass' ? cellsOfClass(counts, row) : cellsOfLabel(counts), total: sum(counts) })),
	}
}

function cellsOfClass(counts: readonly number[], row: number): ConfusionCell[] {
	const total = sum(counts)
	return counts.map((count, column) => ({ count, share: shareOf(count, total), right: row === column }))
}

function cellsOfLabel([found = 0, missed = 0, alarms = 0, spared = 0]: readonly number[]): ConfusionCell[] {
	const [positives, negatives] = [found + missed, alarms + spared]
	return [
		{ count: found, share: shareOf(found, positives), right: true },
		{ count: missed, share: shareOf(missed, positives), right: false },
		{ count: alarms, share: shareOf(alarms, negatives), right: false },
		{ count: spared, share: shareOf(spared, negatives), right: true },
	]
}

function shareOf(count: number, total: number): number | null {
	return total === 0 ? null : count / total
}

function sum(counts: readonly number[]): number {
	return counts.reduce((total, count) => total + count, 0)
}
