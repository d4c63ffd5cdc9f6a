import type { EvaluationReport, Results, SplitResults } from '../../../../common/contract/training/evaluation.ts'
import type { AnsweredSplit, RunCurves } from '../../../../common/contract/training/review.ts'
import type { LabelMetric, OverallMetric } from '../../../../common/stats/metrics.ts'
import type { Band } from '../../charts/curves.ts'
import type { Curve } from '../../charts/CurveChart.tsx'

export type EvaluatedSplitResults = EvaluationReport['splits'][number]

/** Shown of all cases together. */
export const OVERALL: readonly OverallMetric[] = ['balancedAccuracy', 'accuracy', 'macroF1', 'macroPrecision', 'macroRecall', 'macroSpecificity', 'auroc', 'auprc', 'ece', 'brier']
/** Shown of each label. */
export const OF_LABEL: readonly LabelMetric[] = ['recall', 'specificity', 'precision', 'f1', 'auroc', 'auprc']
/** Shown of each source and subgroup. */
export const OF_GROUP: readonly OverallMetric[] = ['balancedAccuracy', 'accuracy', 'macroF1', 'auroc', 'ece']

/** The splits that a run has left answers on, the test images first. */
export function answeredSplits(evaluation: EvaluationReport | null): AnsweredSplit[] {
	return (['test', 'validation'] as const).filter((split) => evaluation?.splits.some((own) => own.split === split))
}

export interface GroupRow {
	/** Value of the column. */
	name: string
	results: Results
}

/** Columns of the data set with what the model gave on each of their values; those with one value say nothing and are left out. */
export function groupTables({ by }: Pick<SplitResults, 'by'>): { column: string; rows: GroupRow[] }[] {
	return Object.entries(by).flatMap(([column, values]) => {
		const rows = Object.entries(values).map(([name, results]) => ({ name, results }))
		return rows.length > 1 ? [{ column, rows: rows.toSorted((a, b) => b.results.n - a.results.n) }] : []
	})
}

type LabelCurves = RunCurves['labels'][number]
type AnswerCurve = NonNullable<LabelCurves['roc']>

/** Where the interval is defined. */
function bandOf({ x, low, high }: AnswerCurve['band']): Band {
	const rows = x.flatMap((at, index) => {
		const [lower, upper] = [low[index] ?? null, high[index] ?? null]
		return lower === null || upper === null ? [] : [{ at, lower, upper }]
	})
	return { x: rows.map(({ at }) => at), lower: rows.map(({ lower }) => lower), upper: rows.map(({ upper }) => upper) }
}

/** A label's curves as the charts take them; null where there are none. */
export function chartCurves(title: string, label: LabelCurves, operatingPoints: SplitResults['operatingPoints']): { roc: Curve | null; precisionRecall: Curve | null } {
	const operatingPoint = operatingPoints.find((point) => point.label === label.name)
	const curve = (of: AnswerCurve | null, { value, interval }: LabelCurves['auroc']): Curve | null => of && {
		title, points: { x: of.x, y: of.y }, band: bandOf(of.band), area: value, interval, ...(operatingPoint ? { operatingPoint } : {}),
	}
	return { roc: curve(label.roc, label.auroc), precisionRecall: curve(label.precisionRecall, label.auprc) }
}
