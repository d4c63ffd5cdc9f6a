import type { ReactNode } from 'react'

/** In sixteenths of the root's font size: the drawing grows with the text. */
const SIDE = 264
const FRAME = { left: 46, top: 8, right: 10, bottom: 40 }
const TICKS = [0, 0.2, 0.4, 0.6, 0.8, 1]

/** Where a share of 0 to 1 lies on the square. */
export const across = (share: number) => FRAME.left + share * SIDE
export const down = (share: number) => FRAME.top + (1 - share) * SIDE

export interface UnitSquareProps {
	/** What it shows, in words. */
	label: string
	titles: { x: string; y: string }
	/** Stands between the square and the numbers of x, over the same x. */
	strip?: { height: number; content(top: number): ReactNode }
	children: ReactNode
}

/** A drawing of shares over shares: axes from 0 to 1 with a thin grid. */
export function UnitSquare({ label, titles, strip, children }: UnitSquareProps) {
	const base = down(0) + (strip?.height ?? 0)
	const [width, height] = [across(1) + FRAME.right, base + FRAME.bottom]
	return (
		<svg className="unit-square" viewBox={`0 0 ${width} ${height}`} style={{ width: `${width / 16}rem` }} role="img" aria-label={label}>
			{TICKS.map((tick) => <path key={tick} className="unit-square-grid" d={`M${across(tick)} ${down(1)}V${base}M${across(0)} ${down(tick)}H${across(1)}`} />)}
			{TICKS.map((tick) => <text key={tick} x={across(tick)} y={base + 14} textAnchor="middle">{tick}</text>)}
			{TICKS.map((tick) => <text key={tick} x={across(0) - 6} y={down(tick) + 4} textAnchor="end">{tick}</text>)}
			<text x={across(0.5)} y={base + 33} textAnchor="middle">{titles.x}</text>
			<text x={12} y={down(0.5)} textAnchor="middle" transform={`rotate(-90 12 ${down(0.5)})`}>{titles.y}</text>
			{strip?.content(down(0))}
			{children}
		</svg>
	)
}
