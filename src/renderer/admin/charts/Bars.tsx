import './charts.css'
import { number } from '../../ui/words.ts'

export interface BarsProps {
	/** What is counted: "Images by class and split". */
	label: string
	/** Name of the rows: "Class". */
	rowTitle: string
	/** Names of the parts of each bar: "Train", "Validation", "Test". Six at most. */
	parts: readonly string[]
	/** One count for each part. */
	rows: readonly { name: string; counts: readonly number[] }[]
}

/** Counts as stacked bars beside their numbers, the longest row as wide as there is room. */
export function Bars({ label, rowTitle, parts, rows }: BarsProps) {
	const totals = rows.map(({ counts }) => counts.reduce((sum, count) => sum + count, 0))
	const most = Math.max(1, ...totals)
	return (
		<div className="chart bars">
			<table className="chart-table numbers" aria-label={label}>
				<thead>
					<tr>
						<th scope="col" title={rowTitle}><span className="cut bars-name"><bdi>{rowTitle}</bdi></span></th>
						{parts.map((part, index) => <th key={part} scope="col" className="end"><span className={`bars-sample bars-part-${index + 1}`} aria-hidden />{part}</th>)}
						{parts.length > 1 && <th scope="col" className="end">All</th>}
						<td className="bars-place" />
					</tr>
				</thead>
				<tbody>
					{rows.map(({ name, counts }, row) => (
						<tr key={name}>
							<th scope="row" title={name}><span className="cut bars-name"><bdi>{name}</bdi></span></th>
							{parts.map((part, index) => <td key={part} className="end">{number(counts[index] ?? 0)}</td>)}
							{parts.length > 1 && <td className="end">{number(totals[row] ?? 0)}</td>}
							<td className="bars-place">
								<div className="bars-bar" aria-hidden>
									{parts.map((part, index) => <span key={part} className={`bars-part-${index + 1}`} style={{ width: `${(100 * (counts[index] ?? 0)) / most}%` }} />)}
								</div>
							</td>
						</tr>
					))}
				</tbody>
			</table>
		</div>
	)
}
