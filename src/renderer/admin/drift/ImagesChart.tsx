import { count, number } from '../../ui/words.ts'
import { acrossWeek, downTo, WeekFrame, weekWidth } from './WeekFrame.tsx'
import { scaleEnd, type WeekOfModel } from './weeks.ts'

const PARTS = ['Answered', 'Abstained', 'Refused'] as const
/** Four steps of whole images. */
const LEAST_END = 4

/** What became of the images of each week, as stacked bars. */
export function ImagesChart({ weeks }: { weeks: readonly WeekOfModel[] }) {
	const end = Math.max(LEAST_END, scaleEnd(Math.max(...weeks.map(({ week }) => week?.images ?? 0)), LEAST_END))
	const total = weeks.reduce((sum, { week }) => sum + (week?.images ?? 0), 0)
	const width = Math.min(18, weekWidth(weeks.length) * 0.7)
	return (
		<figure className="chart drift-chart" aria-label="What became of them">
			<h3>What became of them</h3>
			<WeekFrame label={`Images: ${count(total, 'image')} in ${count(weeks.filter(({ week }) => week).length, 'week')} of ${number(weeks.length)}.`} mondays={weeks.map(({ monday }) => monday)} marked={[]} end={end} tick={number}>
				{weeks.map(({ monday, week }, place) => {
					if (!week) return null
					const counts = [week.abstained.of - week.abstained.found, week.abstained.found, week.refused.found]
					return (
						<g key={monday}>
							<title>{`Week of ${monday}: ${PARTS.map((part, index) => `${part.toLowerCase()} ${number(counts[index] ?? 0)}`).join(', ')}`}</title>
							{counts.map((images, index) => {
								const below = counts.slice(0, index).reduce((sum, own) => sum + own, 0)
								const [top, base] = [downTo(below + images, end), downTo(below, end)]
								return images > 0 && <rect key={PARTS[index]} className={`drift-part-${index + 1}`} x={acrossWeek(place, weeks.length) - width / 2} y={top} width={width} height={base - top} />
							})}
						</g>
					)
				})}
			</WeekFrame>
			<figcaption className="muted"><span className="drift-legend">{PARTS.map((part, index) => <span key={part}><svg className="drift-sample" viewBox="0 0 14 10" aria-hidden><rect className={`drift-part-${index + 1}`} x="1" y="1" width="12" height="8" /></svg>{part}</span>)}</span></figcaption>
		</figure>
	)
}
