import './charts.css'
import { useEffect, useMemo, useRef, useState, useSyncExternalStore, type KeyboardEvent } from 'react'
import { useRootSize } from '../../ui/useRootSize.ts'
import { number } from '../../ui/words.ts'
import type { Line } from './line.ts'
import type { LineData } from './lineData.ts'
import { createLinePlot, type LinePlot } from './linePlot.ts'
import { LineSample } from './LineSample.tsx'
import { lookOf } from './look.ts'
import { valueText } from './numbers.ts'
import { readoutAt, watchLastValues, type Readout } from './readout.ts'
import { readoutWords } from './words.ts'

export interface LineChartProps {
	/** What is shown, in a few words: "Loss of run cxr3-ofa595-1". */
	label: string
	/** Names of the scales. x counts whole things: "Step". */
	titles: { x: string; left: string; right?: string }
	/** Points may be added at any time; they are drawn with the next frame. */
	data: LineData
	/** The same array on every render. */
	lines: readonly Line[]
}

/**
 * Lines over steps, with a legend that switches them and has the values at the cursor or the last ones. A drag zooms, a double click or Escape
 * shows everything again; by keyboard, arrows move the cursor and plus and minus zoom. Its height is that of .line-chart-plot.
 */
export function LineChart({ label, titles, data, lines }: LineChartProps) {
	const host = useRef<HTMLDivElement>(null)
	const [plot, setPlot] = useState<LinePlot | null>(null)
	const rootSize = useRootSize()
	const [hidden, setHidden] = useState<ReadonlySet<string>>(new Set())
	const [logarithmic, setLogarithmic] = useState(false)
	const [zoomed, setZoomed] = useState(false)
	const [atCursor, setAtCursor] = useState<Readout | null>(null)
	const last = useLastValues(data, lines)
	const shown = atCursor ?? last
	const { x, left, right } = titles

	useEffect(() => {
		if (!host.current) return
		const made = createLinePlot(host.current, {
			data, lines, titles: { x, left, ...(right === undefined ? {} : { right }) }, logarithmic, look: lookOf(host.current, rootSize),
			onCursor: (row) => setAtCursor(row === null ? null : readoutAt(data, lines, row)),
			onZoom: setZoomed,
		})
		setPlot(made)
		return () => {
			setPlot(null)
			made.destroy()
			setZoomed(false)
			setAtCursor(null)
		}
	}, [data, lines, x, left, right, logarithmic, rootSize])
	// A plot that was made anew draws every line.
	useEffect(() => plot?.hide(hidden), [plot, hidden])

	function press(event: KeyboardEvent): void {
		if (event.ctrlKey || event.altKey || event.metaKey) return
		const isOnPlot = event.target === host.current
		if ((isOnPlot || event.key === 'Escape') && plot?.press(event.key, event.shiftKey)) event.preventDefault()
	}

	return (
		<figure className="chart line-chart" aria-label={label} onKeyDown={press}>
			<div className="line-chart-head">
				<p className="line-chart-step numbers muted">{shown.x === null ? x : `${x} ${number(shown.x)}`}</p>
				<ul className="line-chart-legend" aria-label={`Lines: ${label}`}>
					{lines.map((line, index) => (
						<LegendItem
							key={line.name} line={line} index={index} xTitle={x} value={shown.values[index] ?? NONE} isShown={!hidden.has(line.name)}
							onShow={(on) => setHidden(withOrWithout(hidden, line.name, !on))}
							onPoint={(on) => plot?.highlight(on && !hidden.has(line.name) ? line.name : null)}
						/>
					))}
				</ul>
				<button className="quiet line-chart-all" data-shown={zoomed ? '' : undefined} onClick={() => plot?.showAll()}>Show everything</button>
				<label className="line-chart-logarithmic"><input type="checkbox" checked={logarithmic} onChange={(event) => setLogarithmic(event.target.checked)} />Logarithmic</label>
			</div>
			<div
				ref={host} className="line-chart-plot" role="slider" tabIndex={0}
				aria-label={`${label}. ${readoutWords(x, lines, last)}`}
				aria-valuemin={data.x[0] ?? 0} aria-valuemax={last.x ?? 0} aria-valuenow={shown.x ?? 0} aria-valuetext={readoutWords(x, lines, shown)}
				onBlur={() => plot?.leave()}
			/>
			{last.x === null && <p className="line-chart-empty muted">No points yet.</p>}
			<LastValues label={label} xTitle={x} lines={lines} last={last} />
		</figure>
	)
}

const NONE = { value: null, x: null }

function withOrWithout(names: ReadonlySet<string>, name: string, within: boolean): ReadonlySet<string> {
	const others = [...names].filter((other) => other !== name)
	return new Set(within ? [...others, name] : others)
}

function useLastValues(data: LineData, lines: readonly Line[]): Readout {
	const store = useMemo(() => watchLastValues(data, lines), [data, lines])
	return useSyncExternalStore(store.subscribe, store.get)
}

interface LegendItemProps {
	line: Line
	index: number
	xTitle: string
	value: Readout['values'][number]
	isShown: boolean
	onShow(on: boolean): void
	/** The pointer or the keyboard is on it. */
	onPoint(on: boolean): void
}

function LegendItem({ line, index, xTitle, value, isShown, onShow, onPoint }: LegendItemProps) {
	return (
		<li onPointerEnter={() => onPoint(true)} onPointerLeave={() => onPoint(false)} onFocus={() => onPoint(true)} onBlur={() => onPoint(false)}>
			<label>
				<input type="checkbox" checked={isShown} onChange={(event) => onShow(event.target.checked)} />
				<LineSample index={index} marks={line.marks} />
				<bdi>{line.title}</bdi>
			</label>
			<span className="line-chart-value numbers">{valueText(value.value)}</span>
			{/* A value of another step than the cursor's says so. */}
			{line.marks && <span className="line-chart-at numbers muted">{value.x === null ? '' : `${xTitle.toLowerCase()} ${number(value.x)}`}</span>}
		</li>
	)
}

/** The same for assistive technology, as a table. */
function LastValues({ label, xTitle, lines, last }: { label: string; xTitle: string; lines: readonly Line[]; last: Readout }) {
	return (
		<div className="visually-hidden">
			<table>
				<caption>Last values: {label}</caption>
				<thead><tr><th scope="col">Line</th><th scope="col">Value</th><th scope="col">{xTitle}</th></tr></thead>
				<tbody>
					{lines.map((line, index) => {
						const { value, x } = last.values[index] ?? NONE
						return <tr key={line.name}><th scope="row">{line.title}</th><td>{valueText(value)}</td><td>{x === null ? valueText(null) : number(x)}</td></tr>
					})}
				</tbody>
			</table>
		</div>
	)
}
