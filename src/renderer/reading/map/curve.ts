/** A curve in even steps from 0 to 1 as the path of an SVG. */
export function curvePoints(values: readonly number[], across: (share: number) => number, down: (value: number) => number): string {
	return values.map((value, step) => `${step === 0 ? 'M' : 'L'}${across(step / (values.length - 1)).toFixed(1)} ${down(value).toFixed(1)}`).join('')
}
