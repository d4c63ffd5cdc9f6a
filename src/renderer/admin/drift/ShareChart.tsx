import '../charts/charts.css'
import { lineStyle, markPath } from '../charts/lineStyle.ts'
import { LineSample } from '../charts/LineSample.tsx'
import type { Share } from '../../../common/contract/drift.ts'
import { acrossWeek, downTo, WeekFrame, weekWidth, WHOLE_WIDTH } from './WeekFrame.tsx'
import { chartInWords, countsOf, percent, scaleEnd, shareWithInterval } from './weeks.ts'

/** A value per week; null where there was none. */
export interface WeekLine {
	title: string
	values: readonly { value: number | null; interval: readonly [number, number] | null }[]
}

/** A scale that ends lower would make much of little. */
const LEAST_END = 0.1

/**
 * Shares by week with their 95 % intervals; a week without a value is a gap. The lines are joined where weeks follow one another.
 * @param reference what the model's validation measured.
 */
export function ShareChart({ title, mondays, marked, lines, reference = null, note = '' }: { title: string; mondays: readonly string[]; marked: readonly boolean[]; lines: readonly WeekLine[]; reference?: Share | null; note?: string }) {
	const all = [...lines.flatMap(({ values }) => values), ...(reference ? [reference] : [])]
	const end = Math.min(1, scaleEnd(Math.max(0, ...all.map(({ value, interval }) => interval?.[1] ?? value ?? 0)), LEAST_END))
	const words = lines.map((line) => chartInWords(line.title, mondays.map((monday, place) => ({ monday, value: line.values[place]?.value ?? null }))))
	const isMarked = marked.includes(true)
	return (
		<figure className="chart drift-chart" aria-label={title}>
			<h3>{title}</h3>
			<WeekFrame label={`${title}. ${words.join(' ')}${reference ? ` On the validation images: ${shareWithInterval(reference)}.` : ''}`} mondays={mondays} marked={marked} end={end} tick={(value) => percentTick(value)}>
				{reference?.value !== null && reference?.interval && (
					<>
						<rect className="drift-reference-band" x={WHOLE_WIDTH.from} width={WHOLE_WIDTH.to - WHOLE_WIDTH.from} y={downTo(reference.interval[1], end)} height={downTo(reference.interval[0], end) - downTo(reference.interval[1], end)} />
						<path className="chart-reference" d={`M${WHOLE_WIDTH.from} ${downTo(reference.value, end)}H${WHOLE_WIDTH.to}`} />
					</>
				)}
				{lines.map((line, index) => <LineOfWeeks key={line.title} line={line} index={index} mondays={mondays} end={end} />)}
			</WeekFrame>
			<figcaption className="muted">
				{lines.length > 1 && <span className="drift-legend">{lines.map((line, index) => <span key={line.title}><LineSample index={index} marks /> {line.title}</span>)}</span>}
				{reference && `Thin line and band: on its validation images, ${shareWithInterval(reference)}, ${countsOf(reference)}. `}
				{isMarked && 'Triangle: a week that differs. '}
				{note}
			</figcaption>
		</figure>
	)
}

function percentTick(value: number): string {
	return `${Number((100 * value).toFixed(1))} %`
}

const LARGEST_MARK = 3.5

function LineOfWeeks({ line: { title, values }, index, mondays, end }: { line: WeekLine; index: number; mondays: readonly string[]; end: number }) {
	const { colour, dash, mark } = lineStyle(index)
	const weeks = mondays.length
	const radius = Math.min(LARGEST_MARK, weekWidth(weeks) / 3)
	const path = values.map(({ value }, place) => (value === null ? '' : `${(values[place - 1]?.value ?? null) === null ? 'M' : 'L'}${acrossWeek(place, weeks).toFixed(1)} ${downTo(value, end).toFixed(1)}`)).join('')
	return (
		<g className={`series-${colour + 1}`}>
			<path className="series-line" d={path} strokeDasharray={dash.join(' ')} />
			{values.map(({ value, interval }, place) => {
				if (value === null) return null
				const x = acrossWeek(place, weeks)
				return (
					<g key={mondays[place]}>
						<title>{`${title}, week of ${mondays[place]}: ${interval ? shareWithInterval({ value, interval: [interval[0], interval[1]] }) : percent(value)}`}</title>
						{interval && <path className="series-line drift-interval" d={`M${x.toFixed(1)} ${downTo(interval[0], end).toFixed(1)}V${downTo(interval[1], end).toFixed(1)}`} />}
						<path className="series-mark" d={markPath(mark, x, downTo(value, end), radius)} />
					</g>
				)
			})}
		</g>
	)
}
