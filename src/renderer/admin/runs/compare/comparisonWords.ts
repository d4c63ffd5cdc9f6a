import type { RunComparison } from '../../../../common/contract/training/review.ts'
import { number } from '../../../ui/words.ts'
import { NO_VALUE } from '../../charts/numbers.ts'

export type ComparedRun = RunComparison['runs'][number]

/** A difference to the first run as it is shown. */
export type Verdict = 'better' | 'worse' | 'undecided' | 'the same' | 'not defined'

/** Of these the smaller number is the better one. */
const LESS_IS_BETTER: ReadonlySet<string> = new Set(['ece', 'eceBefore', 'brier', 'loss'])

/** Of a run's own results these are shown, in this order. */
export const OWN_METRICS = ['balancedAccuracy', 'accuracy', 'macroPrecision', 'macroRecall', 'macroF1', 'auroc', 'auprc', 'ece', 'brier']

/** Whether a difference speaks for a run: where its 95 % interval holds no 0. */
export function verdictOf(metric: string, { value, interval }: { value: number | null; interval: readonly [number, number] | null }): Verdict {
	if (value === null) return 'not defined'
	if (!interval) return value === 0 ? 'the same' : 'undecided'
	const [low, high] = interval
	if (low <= 0 && high >= 0) return 'undecided'
	return low > 0 === LESS_IS_BETTER.has(metric) ? 'worse' : 'better'
}

/** "+0.021 (+0.004 to +0.039)". */
export function differenceText({ value, interval }: { value: number | null; interval: readonly [number, number] | null }): string {
	if (value === null) return NO_VALUE
	return interval ? `${signed(value)} (${signed(interval[0])} to ${signed(interval[1])})` : signed(value)
}

function signed(value: number): string {
	const text = value.toFixed(3)
	// -0.0004 is no less than nothing in three digits.
	return Number(text) === 0 ? '0.000' : value > 0 ? `+${text}` : text
}

/** "7.60 million", "595 million", "1.20 billion"; small counts as they are. */
export function amountText(value: number | null): string {
	if (value === null) return NO_VALUE
	const unit = [{ size: 1e9, name: 'billion' }, { size: 1e6, name: 'million' }].find(({ size }) => value >= size)
	return unit ? `${(value / unit.size).toPrecision(3)} ${unit.name}` : number(value)
}

/** "42 s", "4 min 12 s", "1 h 35 min". */
export function durationText(seconds: number): string {
	const whole = Math.round(seconds)
	if (whole < 60) return `${whole} s`
	if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`
	const minutes = Math.round(whole / 60)
	return `${number(Math.floor(minutes / 60))} h ${minutes % 60} min`
}

/** "12.3 ms". */
export function millisecondsText(value: number | null): string {
	return value === null ? NO_VALUE : `${value < 10 ? value.toPrecision(2) : value.toPrecision(3)} ms`
}

/** A field's value as a recipe has it: text without its quotes, the rest as JSON. */
export function fieldText(json: string | null): string {
	if (json === null) return NO_VALUE
	try {
		const value: unknown = JSON.parse(json)
		return typeof value === 'string' ? value : json
	} catch {
		return json
	}
}

/** Finished. */
export function stateText(state: string): string {
	return `${state.slice(0, 1).toUpperCase()}${state.slice(1)}`
}

/** The runs with one of them first, the others in their order. */
export function withFirst(ids: readonly string[], first: string): string[] {
	return [first, ...ids.filter((id) => id !== first)]
}
