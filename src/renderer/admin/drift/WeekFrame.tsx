import type { ReactNode } from 'react'

/** In sixteenths of the root's font size: the drawing grows with the text. */
const [WIDTH, HEIGHT] = [506, 120]
const FRAME = { left: 50, top: 8, right: 32, bottom: 38 }
const STEPS = 4
const MOST_DATES = 6

/** The width that a week has. */
export function weekWidth(weeks: number): number {
	return WIDTH / Math.max(1, weeks)
}

/** The middle of a week. */
export function acrossWeek(place: number, weeks: number): number {
	return FRAME.left + (place + 0.5) * weekWidth(weeks)
}

/** Where a value of 0 to `end` lies. */
export function downTo(value: number, end: number): number {
	return FRAME.top + HEIGHT * (1 - Math.min(1, value / end))
}

export const WHOLE_WIDTH = { from: FRAME.left, to: FRAME.left + WIDTH }

export interface WeekFrameProps {
	/** What it shows, in words. */
	label: string
	/** Their Mondays, the oldest first. */
	mondays: readonly string[]
	/** Of those that are pointed at. */
	marked: readonly boolean[]
	end: number
	tick(value: number): string
	children: ReactNode
}

/** A drawing over weeks: a scale from 0 to `end`, the Mondays below, and a sign under weeks that differ. */
export function WeekFrame({ label, mondays, marked, end, tick, children }: WeekFrameProps) {
	const every = Math.ceil(mondays.length / MOST_DATES)
	const base = FRAME.top + HEIGHT
	const ticks = Array.from({ length: STEPS + 1 }, (_, step) => (end * step) / STEPS)
	const [width, height] = [WHOLE_WIDTH.to + FRAME.right, base + FRAME.bottom]
	return (
		<svg className="unit-square" viewBox={`0 0 ${width} ${height}`} style={{ width: `${width / 16}rem` }} role="img" aria-label={label}>
			{ticks.map((value) => <path key={value} className="unit-square-grid" d={`M${FRAME.left} ${downTo(value, end)}H${WHOLE_WIDTH.to}`} />)}
			{ticks.filter((_, step) => step % 2 === 0).map((value) => <text key={value} x={FRAME.left - 6} y={downTo(value, end) + 4} textAnchor="end">{tick(value)}</text>)}
			{mondays.map((monday, place) => {
				// The dates end with this week.
				const isDated = (mondays.length - 1 - place) % every === 0
				const x = acrossWeek(place, mondays.length)
				return (
					<g key={monday}>
						{isDated && <path className="unit-square-grid" d={`M${x} ${base}v4`} />}
						{isDated && <text x={x} y={base + 30} textAnchor="middle">{monday}</text>}
						{marked[place] && <path className="drift-mark" d={`M${x} ${base + 5}l5.5 9.5h-11z`} />}
					</g>
				)
			})}
			{children}
		</svg>
	)
}
