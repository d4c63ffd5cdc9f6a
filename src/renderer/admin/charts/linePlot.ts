import 'uplot/dist/uPlot.min.css'
import uPlot from 'uplot'
import type { Line } from './line.ts'
import { rowsBelow, type LineData } from './lineData.ts'
import { lineStyle, markPath } from './lineStyle.ts'
import type { Look } from './look.ts'
import { evenTickTexts, logarithmicTickTexts } from './numbers.ts'
import { allowedRange, rangeAround, rowAfterKey, zoomedAround, type Range } from './zoom.ts'

export interface LinePlotOptions {
	data: LineData
	lines: readonly Line[]
	titles: { x: string; left: string; right?: string }
	logarithmic: boolean
	look: Look
	/** The row that the cursor is on; null where it is gone. */
	onCursor(row: number | null): void
	onZoom(zoomed: boolean): void
}

/** A drawn LineChart, without its legend. It follows its data and the size of its element by itself, a frame at a time. */
export interface LinePlot {
	/** @param hidden names of the lines that are not drawn. */
	hide(hidden: ReadonlySet<string>): void
	/** Lets all other lines step back; null for none. */
	highlight(line: string | null): void
	/** What a key does: arrows, Home and End move the cursor, plus and minus zoom, Escape shows everything. @returns whether it did. */
	press(key: string, shift: boolean): boolean
	showAll(): void
	leave(): void
	destroy(): void
}

const WHOLE_NUMBERS = Array.from({ length: 12 }, (_, exponent) => [1, 2, 5].map((digit) => digit * 10 ** exponent)).flat()
const MARK_RADIUS = 3.5
/** A drag of fewer CSS pixels is a click. */
const SHORTEST_DRAG = 5
const OUT_OF_SIGHT = { left: -10, top: -10 }

/** @param host its size is the plot's size. */
export function createLinePlot(host: HTMLElement, options: LinePlotOptions): LinePlot {
	const { data, lines, look, onCursor, onZoom } = options
	let range: Range | null = null
	let frame = 0

	const table = () => [data.x, ...lines.map(({ name }) => data.values(name))] as uPlot.AlignedData
	const plot = new uPlot({
		...scalesAndAxes(options),
		width: host.clientWidth,
		height: host.clientHeight,
		legend: { show: false },
		focus: { alpha: 0.25 },
		cursor: {
			y: false,
			drag: { x: true, y: false, setScale: false, dist: SHORTEST_DRAG },
			points: { size: 2 * MARK_RADIUS * growthOf(look) },
			bind: { dblclick: () => () => (showAll(), null) },
		},
		series: [{}, ...lines.map((line, index) => seriesOf(line, index, look))],
		hooks: {
			setCursor: [(self) => onCursor(self.cursor.idx ?? null)],
			setSelect: [zoomToSelection],
			setSize: [(self) => scaleDashes(self, look)],
			drawSeries: [(self, index) => {
				const line = lines[index - 1]
				if (line?.marks) drawMarks(self, index, look)
			}],
		},
	}, table(), host)

	function draw(): void {
		frame = 0
		if (!range) return plot.setData(table())
		const [min, max] = range
		plot.batch(() => {
			plot.setData(table(), false)
			plot.setScale('x', { min, max })
		})
	}

	function drawSoon(): void {
		frame ||= requestAnimationFrame(draw)
	}

	function zoomTo(wanted: Range | null): void {
		range = wanted && allowedRange(data.x, wanted, range)
		draw()
		onZoom(range !== null)
	}

	function showAll(): void {
		if (range) zoomTo(null)
	}

	function zoomToSelection({ select }: uPlot): void {
		if (select.width === 0) return
		const wanted: Range = [plot.posToVal(select.left, 'x'), plot.posToVal(select.left + select.width, 'x')]
		plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false)
		zoomTo(wanted)
	}

	function shown(): Range {
		return range ?? [data.x[0] ?? 0, data.x.at(-1) ?? 0]
	}

	function moveTo(row: number): void {
		const x = data.x[row]
		if (x === undefined) return
		if (range) {
			range = rangeAround(range, x)
			draw()
		}
		plot.setCursor({ left: plot.valToPos(x, 'x'), top: 0 })
	}

	function press(key: string, shift: boolean): boolean {
		const [first, last] = shown()
		const rows = [rowsBelow(data.x, first), rowsBelow(data.x, last)] as const
		const present = plot.cursor.idx ?? rows[1]
		const target = rowAfterKey(key, shift, present, data.x.length, rows)
		if (target !== null) moveTo(target)
		else if (key === '+' || key === '=') zoomTo(zoomedAround([first, last], data.x[present] ?? last, 0.5))
		else if (key === '-') zoomTo(zoomedAround([first, last], data.x[present] ?? last, 2))
		else if (key === 'Escape' && range) showAll()
		else return false
		return true
	}

	const endOfData = data.subscribe(drawSoon)
	const observer = new ResizeObserver(() => {
		const { clientWidth: width, clientHeight: height } = host
		if (width > 0 && height > 0 && (width !== plot.width || height !== plot.height)) plot.setSize({ width, height })
	})
	observer.observe(host)
	return {
		hide(hidden) {
			plot.batch(() => {
				for (const [index, { name }] of lines.entries()) {
					if (plot.series[index + 1]?.show === hidden.has(name)) plot.setSeries(index + 1, { show: !hidden.has(name) })
				}
			})
		},
		highlight(line) {
			const index = lines.findIndex(({ name }) => name === line)
			plot.setSeries(index < 0 ? null : index + 1, { focus: true })
		},
		press,
		showAll,
		leave: () => plot.setCursor(OUT_OF_SIGHT),
		destroy() {
			cancelAnimationFrame(frame)
			endOfData()
			observer.disconnect()
			plot.destroy()
		},
	}
}

const evenNumbers: uPlot.Axis.DynamicValues = (_, ticks, __, ___, step) => evenTickTexts(ticks, step)

/** How much larger everything is than on a desk: on a wall display. */
function growthOf({ rootSize }: Look): number {
	return rootSize / 16
}

function scalesAndAxes({ titles, logarithmic, look }: LinePlotOptions): Pick<uPlot.Options, 'scales' | 'axes' | 'padding'> {
	const { rootSize, font } = look
	const common: uPlot.Axis = {
		stroke: look.muted, font, labelFont: font, labelSize: rootSize * 1.25, gap: 4,
		ticks: { stroke: look.line, width: 1, size: 4 }, grid: { stroke: look.line, width: 1 }, border: { show: true, stroke: look.line, width: 1 },
	}
	// The width of a scale does not follow its numbers: the plot would jump when they grow.
	const sideWidth = rootSize * 3.25
	return {
		scales: {
			x: { time: false, range: rangeOfSteps },
			left: { distr: logarithmic ? 3 : 1, range: logarithmic ? rangeOfLogarithms : rangeOfNumbers },
			right: { range: rangeOfNumbers },
		},
		axes: [
			{ ...common, scale: 'x', label: titles.x, size: rootSize * 1.75, space: rootSize * 6, incrs: WHOLE_NUMBERS, values: evenNumbers },
			{ ...common, scale: 'left', side: 3, label: titles.left, size: sideWidth, space: rootSize * 2, values: logarithmic ? (_, ticks) => logarithmicTickTexts(ticks) : evenNumbers },
			...(titles.right === undefined ? [] : [{ ...common, scale: 'right', side: 1, label: titles.right, size: sideWidth, space: rootSize * 2, values: evenNumbers, grid: { show: false } } satisfies uPlot.Axis]),
		],
		// Room for half of the last number below the plot.
		padding: [rootSize / 2, titles.right === undefined ? rootSize * 1.75 : 0, 0, 0],
	}
}

/** What is shown while there is nothing. */
const NOTHING: uPlot.Range.MinMax = [0, 1]

function rangeOfSteps(_: uPlot, first: number | null, last: number | null): uPlot.Range.MinMax {
	return first === null || last === null ? NOTHING : [first, last]
}

function rangeOfNumbers(_: uPlot, least: number | null, most: number | null): uPlot.Range.MinMax {
	return least === null || most === null ? NOTHING : uPlot.rangeNum(least, most, 0.1, true)
}

/** Of the values above 0; others have no place on this scale. */
function rangeOfLogarithms(_: uPlot, least: number | null, most: number | null): uPlot.Range.MinMax {
	return least === null || most === null || most <= 0 ? [0.1, 1] : uPlot.rangeLog(least, most, 10, false)
}

function seriesOf({ title, scale, marks }: Line, index: number, look: Look): uPlot.Series {
	return {
		label: title, scale: scale ?? 'left', stroke: look.series[lineStyle(index).colour] ?? look.text, spanGaps: true, points: { show: false },
		// A loss of each step scatters: in a wider line nothing of that is seen.
		width: (marks || scale === 'right' ? 1.5 : 1) * growthOf(look),
	}
}

/** uPlot takes dashes in pixels of the canvas; it comes here when a window moves to another display, too. */
function scaleDashes({ series }: uPlot, look: Look): void {
	for (const [index, one] of series.entries()) {
		if (index > 0) one.dash = lineStyle(index - 1).dash.map((length) => length * growthOf(look) * devicePixelRatio)
	}
}

/** A mark at every value in sight. */
function drawMarks(plot: uPlot, index: number, look: Look): void {
	const series = plot.series[index]
	if (!series) return
	const { ctx, bbox } = plot
	const { colour } = lineStyle(index - 1)
	const radius = MARK_RADIUS * growthOf(look) * devicePixelRatio
	const marks = marksOf(plot, index, radius)
	ctx.save()
	ctx.beginPath()
	ctx.rect(bbox.left - radius, bbox.top - radius, bbox.width + 2 * radius, bbox.height + 2 * radius)
	ctx.clip()
	ctx.globalAlpha = series.alpha ?? 1
	ctx.fillStyle = look.series[colour] ?? look.text
	ctx.strokeStyle = look.background
	ctx.lineWidth = devicePixelRatio
	ctx.setLineDash([])
	ctx.fill(marks)
	ctx.stroke(marks)
	ctx.restore()
}

/** The outlines of a line's marks in pixels of the canvas; one that would lie on the mark before it is left out. */
function marksOf(plot: uPlot, index: number, radius: number): Path2D {
	const { mark } = lineStyle(index - 1)
	const { scale = 'left', idxs } = plot.series[index] ?? {}
	const values = plot.data[index] ?? []
	const [first, last] = idxs ?? [0, values.length - 1]
	const outlines: string[] = []
	let before = -Infinity
	for (let row = first; row <= last; row++) {
		const value = values[row]
		if (value === null || value === undefined) continue
		const x = plot.valToPos(plot.data[0][row] ?? 0, 'x', true)
		if (x - before < 2 * radius) continue
		before = x
		outlines.push(markPath(mark, x, plot.valToPos(value, scale, true), radius))
	}
	return new Path2D(outlines.join(''))
}
