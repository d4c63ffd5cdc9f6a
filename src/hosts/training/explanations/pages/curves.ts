import { escaped } from './html.ts'

export interface Curve {
	name: string
	/** One colour and one kind of line each, so that they can be told apart without colours. */
	colour: string
	dash: string
	/** Even steps from 0 to 1. */
	values: readonly number[]
}

const WIDTH = 380
const HEIGHT = 230
const LEFT = 38
const BOTTOM = 34
const TOP = 12
const RIGHT = 20

/** Mean of curves of equal length, point by point. */
export function meanCurve(curves: readonly (readonly number[])[]): number[] {
	const [first = []] = curves
	return first.map((_, index) => curves.reduce((sum, curve) => sum + (curve[index] ?? 0), 0) / curves.length)
}

const place = (value: number) => value.toFixed(1)

/** Curves of probabilities over the share of the pixels as an SVG drawing with a legend. */
export function curvesSvg(title: string, across: string, curves: readonly Curve[]): string {
	const x = (share: number) => LEFT + share * (WIDTH - LEFT - RIGHT)
	const y = (probability: number) => TOP + (1 - probability) * (HEIGHT - TOP - BOTTOM)
	const grid = [0, 0.25, 0.5, 0.75, 1].map((level) => `<line x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${place(y(level))}" y2="${place(y(level))}" stroke="#2a2d31"/><text x="${LEFT - 6}" y="${place(y(level) + 4)}" text-anchor="end">${level}</text>`)
	const ticks = [0, 0.5, 1].map((share) => `<text x="${place(x(share))}" y="${HEIGHT - BOTTOM + 15}" text-anchor="middle">${100 * share} %</text>`)
	const lines = curves.map(({ values, colour, dash }) => `<polyline fill="none" stroke="${colour}" stroke-width="2" stroke-dasharray="${dash}" points="${values.map((value, index) => `${place(x(index / (values.length - 1)))},${place(y(value))}`).join(' ')}"/>`)
	const legend = curves.map(({ name, colour, dash }) => `<div><svg width="30" height="10" aria-hidden="true"><line x1="0" x2="30" y1="5" y2="5" stroke="${colour}" stroke-width="2" stroke-dasharray="${dash}"/></svg> ${escaped(name)}</div>`)
	return `<figure><svg width="${WIDTH}" height="${HEIGHT}" role="img" aria-label="${escaped(title)}" font-size="11" fill="#9aa2a9">
${[...grid, ...ticks].join('\n')}
<text x="${place(x(0.5))}" y="${HEIGHT - 4}" text-anchor="middle">${escaped(across)}</text>
${lines.join('\n')}
</svg><div class="muted">${legend.join('')}</div><figcaption>${escaped(title)}</figcaption></figure>`
}
