import './charts.css'
import type { CSSProperties } from 'react'
import { number } from '../../ui/words.ts'
import { confusionTable, type ConfusionCell, type Task } from './confusion.ts'
import { percentText } from './numbers.ts'

export interface ConfusionMatrixProps {
	/** What was evaluated: "666 test films". */
	label: string
	task: Task
	/** Names of the labels in the order of the rows. */
	labels: readonly string[]
	/** As in an evaluation report: counts by truth and call, or four counts for each label. */
	confusion: readonly (readonly number[])[]
}

/** Counts of what was called what, and how much of its row each is; the more, the deeper its shade. Right calls are framed. */
export function ConfusionMatrix({ label, task, labels, confusion }: ConfusionMatrixProps) {
	const { columns, rows } = confusionTable(task, labels, confusion)
	return (
		<div className="chart confusion" role="region" aria-label={`Confusion matrix: ${label}`} tabIndex={0}>
			<table className="numbers">
				<thead>
					<tr><th scope="col" rowSpan={2}>{task === 'multiclass' ? 'Truth' : 'Label'}</th><th scope="colgroup" colSpan={columns.length}>{task === 'multiclass' ? 'Called' : 'At the operating point'}</th><th scope="col" rowSpan={2} className="end">Cases</th></tr>
					<tr>{columns.map((column) => <th key={column} scope="col"><bdi className="cut" title={column}>{column}</bdi></th>)}</tr>
				</thead>
				<tbody>
					{rows.map(({ label: row, cells, total }) => (
						<tr key={row}>
							<th scope="row"><bdi className="cut" title={row}>{row}</bdi></th>
							{cells.map((cell, column) => <Cell key={columns[column]} cell={cell} />)}
							<td className="end confusion-total">{number(total)}</td>
						</tr>
					))}
				</tbody>
			</table>
		</div>
	)
}

function Cell({ cell: { count, share, right } }: { cell: ConfusionCell }) {
	return (
		<td className={right ? 'confusion-cell right' : 'confusion-cell'} style={{ '--share': share ?? 0 } as CSSProperties}>
			<span className="confusion-count">{number(count)}</span> <span className="confusion-share">{percentText(share)}</span>
		</td>
	)
}
