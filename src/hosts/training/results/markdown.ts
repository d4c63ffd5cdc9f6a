import type { Interval } from '../../../common/stats/interval.ts'
import type { Difference, Summary } from './measureRuns.ts'

/** A Markdown table; cells of others' text stay in their cell. */
export function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
	return [line(header), `|${'---|'.repeat(header.length)}`, ...rows.map(line)].join('\n')
}

function line(cells: readonly string[]): string {
	return `| ${cells.map(cell).join(' | ')} |`
}

function cell(text: string): string {
	return text.replace(/\s+/g, ' ').trim().replaceAll('\\', '\\\\').replaceAll('|', '\\|')
}

/** Without the sign of a zero. */
export function fixed(value: number, digits: number): string {
	return value.toFixed(digits).replace(/^-(0\.?0*)$/, '$1')
}

function between([low, high]: Interval, digits: number): string {
	return `${fixed(low, digits)} to ${fixed(high, digits)}`
}

/** mean ± deviation (interval); a dash where it is not defined. */
export function told({ mean, deviation, interval }: Summary, digits = 3): string {
	if (Number.isNaN(mean)) return '–'
	return `${fixed(mean, digits)}${deviation === null ? '' : ` ± ${fixed(deviation, digits)}`}${interval ? ` (${between(interval, digits)})` : ''}`
}

/** A point is a hundredth. */
function points(value: number): string {
	const text = fixed(100 * value, 2)
	return text.startsWith('-') ? text : `+${text}`
}

export function inPoints({ mean, pairs, interval, n }: Difference): string {
	const each = pairs.length < 2 ? '' : `by pair ${pairs.map(points).join(', ')}; `
	return `${points(mean)} points (${each}${interval ? `95 % interval ${points(interval[0])} to ${points(interval[1])}` : 'no interval'}; ${grouped(n)} images)`
}

export function grouped(value: number): string {
	return value.toLocaleString('en')
}
