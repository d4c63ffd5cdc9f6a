import { number } from '../../ui/words.ts'
import type { Line } from './line.ts'
import { valueText } from './numbers.ts'
import type { Readout } from './readout.ts'

/** "Step 1,200: Loss 0.4321, Learning rate 1.00e-4." A line without a value is left out, one of another step says it. */
export function readoutWords(xTitle: string, lines: readonly Line[], { x, values }: Readout): string {
	if (x === null) return 'No points yet.'
	const parts = lines.flatMap(({ title }, index) => {
		const { value, x: at } = values[index] ?? { value: null, x: null }
		if (value === null || at === null) return []
		return [`${title} ${valueText(value)}${at === x ? '' : ` (${xTitle.toLowerCase()} ${number(at)})`}`]
	})
	return `${xTitle} ${number(x)}: ${parts.join(', ') || 'no values'}.`
}
