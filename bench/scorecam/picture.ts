/** A line of a chart: one value per place on the horizontal axis. */
export interface Line {
	name: string
	colour: string
	dash?: string
	values: readonly number[]
}

export interface Chart {
	title: string
	horizontal: { name: string; places: readonly number[]; ticks: readonly number[]; unit: string }
	vertical: { name: string; least: number; most: number; ticks: readonly number[] }
	lines: readonly Line[]
	/** A rectangle from the left and from the top, in values: what is asked for. */
	goal: { upTo: number; from: number; name: string }
}

const WIDTH = 760
const HEIGHT = 440
const PLOT = { left: 76, right: 736, top: 48, bottom: 376 }

function escaped(text: string): string {
	return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}

/** A line chart as SVG with a logarithmic horizontal axis: dark text on white, readable without colours. */
export function chartPicture({ title, horizontal, vertical, lines, goal }: Chart): string {
	const [first = 1, last = 100] = [horizontal.places[0], horizontal.places.at(-1)]
	const x = (value: number) => PLOT.left + ((PLOT.right - PLOT.left) * Math.log(value / first)) / Math.log(last / first)
	const y = (value: number) => PLOT.bottom - ((PLOT.bottom - PLOT.top) * (Math.max(value, vertical.least) - vertical.least)) / (vertical.most - vertical.least)
	const text = (at: [number, number], words: string, more = '') => `<text x="${at[0].toFixed(1)}" y="${at[1].toFixed(1)}" ${more}>${escaped(words)}</text>`
	const legendTop = PLOT.bottom - 18 * lines.length - 6
	return [
		`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}" role="img" aria-label="${escaped(title)}" font-family="sans-serif" font-size="13" fill="#1a1a1a">`,
		`<rect width="${WIDTH}" height="${HEIGHT}" fill="#ffffff"/>`,
		text([PLOT.left, 26], title, 'font-size="15" font-weight="bold"'),
		`<rect x="${PLOT.left}" y="${PLOT.top}" width="${(x(goal.upTo) - PLOT.left).toFixed(1)}" height="${(y(goal.from) - PLOT.top).toFixed(1)}" fill="#e6f0e6"/>`,
		text([PLOT.left + 6, PLOT.top - 6], goal.name, 'font-size="12" fill="#2d5a2d"'),
		...vertical.ticks.map((value) => `<line x1="${PLOT.left}" x2="${PLOT.right}" y1="${y(value).toFixed(1)}" y2="${y(value).toFixed(1)}" stroke="#d9d9d9"/>${text([PLOT.left - 8, y(value) + 4], value.toFixed(2), 'text-anchor="end"')}`),
		...horizontal.ticks.map((value) => `<line x1="${x(value).toFixed(1)}" x2="${x(value).toFixed(1)}" y1="${PLOT.top}" y2="${PLOT.bottom}" stroke="#ebebeb"/>${text([x(value), PLOT.bottom + 18], `${value}${horizontal.unit}`, 'text-anchor="middle"')}`),
		`<rect x="${PLOT.left}" y="${PLOT.top}" width="${PLOT.right - PLOT.left}" height="${PLOT.bottom - PLOT.top}" fill="none" stroke="#4d4d4d"/>`,
		text([(PLOT.left + PLOT.right) / 2, HEIGHT - 22], horizontal.name, 'text-anchor="middle"'),
		text([22, (PLOT.top + PLOT.bottom) / 2], vertical.name, `text-anchor="middle" transform="rotate(-90 22 ${(PLOT.top + PLOT.bottom) / 2})"`),
		...lines.map(({ values, colour, dash }) => `<polyline fill="none" stroke="${colour}" stroke-width="2"${dash ? ` stroke-dasharray="${dash}"` : ''} points="${values.map((value, index) => `${x(horizontal.places[index] ?? last).toFixed(1)},${y(value).toFixed(1)}`).join(' ')}"/>`),
		`<rect x="${PLOT.right - 352}" y="${legendTop - 14}" width="346" height="${18 * lines.length + 8}" fill="#ffffff" stroke="#d9d9d9"/>`,
		...lines.map(({ name, colour, dash }, index) => {
			const at = legendTop + 18 * index
			return `<line x1="${PLOT.right - 344}" x2="${PLOT.right - 310}" y1="${at - 4}" y2="${at - 4}" stroke="${colour}" stroke-width="2"${dash ? ` stroke-dasharray="${dash}"` : ''}/>${text([PLOT.right - 302, at], name)}`
		}),
		'</svg>',
		'',
	].join('\n')
}
