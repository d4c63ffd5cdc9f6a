import { lineStyle, markPath } from './lineStyle.ts'

const [WIDTH, HEIGHT] = [26, 12]

/** A line as a chart draws it, beside its name. @param index place among the lines of the chart. */
export function LineSample({ index, marks = false, hollow = false }: { index: number; marks?: boolean; hollow?: boolean }) {
	const { colour, dash, mark } = lineStyle(index)
	return (
		<svg className={`line-sample series-${colour + 1}`} viewBox={`0 0 ${WIDTH} ${HEIGHT}`} aria-hidden>
			<path className="series-line" d={`M0 ${HEIGHT / 2}H${WIDTH}`} strokeDasharray={dash.join(' ')} />
			{marks && <path className={hollow ? 'series-mark hollow' : 'series-mark'} d={markPath(mark, WIDTH / 2, HEIGHT / 2, 3.5)} />}
		</svg>
	)
}
