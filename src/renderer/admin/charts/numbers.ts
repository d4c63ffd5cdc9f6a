import { number } from '../../ui/words.ts'

/** What stands where there is no number. */
export const NO_VALUE = '–'

/** A measured value in four digits: "0.4321", "0", "12,346", "4.32e-5". */
export function valueText(value: number | null): string {
	if (value === null) return NO_VALUE
	const size = Math.abs(value)
	if (size === 0) return '0'
	if (size < 0.001 || size >= 1e9) return value.toExponential(2)
	return size >= 1000 ? number(Math.round(value)) : value.toPrecision(4)
}

/** A share of 0 to 1: "0.873". */
export function shareText(share: number | null): string {
	return share === null ? NO_VALUE : share.toFixed(3)
}

/** "0.873 (0.830 to 0.901)". */
export function intervalText(value: number | null, interval: readonly [number, number] | null): string {
	return interval ? `${shareText(value)} (${shareText(interval[0])} to ${shareText(interval[1])})` : shareText(value)
}

/** A share of a whole in per cent: "12 %"; never 0 or 100 for what is neither nothing nor all. */
export function percentText(share: number | null): string {
	if (share === null) return NO_VALUE
	if (share > 0 && share < 0.01) return '<1 %'
	if (share > 0.99 && share < 1) return '>99 %'
	return `${Math.round(100 * share)} %`
}

/** Below it a scale has exponents. */
const SMALLEST_PLAIN = 1e-4

/** The numbers at an even scale, all with as many digits as its step needs; '' where a number with an exponent would be that before it once more. */
export function evenTickTexts(ticks: readonly (number | null)[], step: number): string[] {
	const digits = Number.isInteger(step) ? 0 : (/\.(\d+)$/.exec(String(step))?.[1]?.length ?? 0)
	const texts = ticks.map((tick) => {
		if (tick === null) return ''
		if (step < SMALLEST_PLAIN) return tick === 0 ? '0' : exponentText(tick)
		return digits === 0 ? number(tick) : tick.toFixed(digits)
	})
	return texts.map((text, index) => (text === texts[index - 1] ? '' : text))
}

/** The numbers at a logarithmic scale; '' where one has no room. */
export function logarithmicTickTexts(ticks: readonly (number | null)[]): string[] {
	return ticks.map((tick) => {
		if (tick === null) return ''
		return tick < 0.001 ? exponentText(tick) : tick >= 1000 ? number(tick) : String(Number(tick.toPrecision(3)))
	})
}

function exponentText(value: number): string {
	return Number(value.toPrecision(3)).toExponential()
}
