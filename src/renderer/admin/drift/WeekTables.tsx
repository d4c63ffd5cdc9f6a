import { TriangleAlert } from 'lucide-react'
import type { DriftWeek, Share } from '../../../common/contract/drift.ts'
import { count, number } from '../../ui/words.ts'
import { NO_VALUE, shareText } from '../charts/numbers.ts'
import { countsOf, refusalsInWords, rowsOf, shareWithInterval, unlikeShare, type WeekOfModel } from './weeks.ts'

/** The same numbers week by week, the newest first. */
export function WeekTable({ weeks }: { weeks: readonly WeekOfModel[] }) {
	return (
		<div className="data-set-long" role="region" aria-label="Weeks, as a table that scrolls" tabIndex={0}>
			<table className="chart-table numbers drift-table" aria-label="Weeks">
				<thead><tr><th scope="col">Week of</th><th scope="col" className="end">Images</th><th scope="col">Refused</th><th scope="col">By check</th><th scope="col">Abstained</th><th scope="col">Not like the training images</th><th scope="col">Validation</th></tr></thead>
				<tbody>
					{rowsOf(weeks).map((row) => ('without' in row ? <Gap key={row.monday} row={row} columns={6} /> : (
						<tr key={row.monday}>
							<WeekCell week={row} />
							<td className="end">{number(row.images)}</td>
							<ShareCell share={row.refused} />
							<td>{refusalsInWords(row.refusals) || NO_VALUE}</td>
							<ShareCell share={row.abstained} />
							<ShareCell share={unlikeShare(row)} />
							<td>{row.differs.length > 0 ? <span className="tag warning" title={row.differs.map(({ sentence }) => sentence).join('\n')}><TriangleAlert size={12} aria-hidden />Differs</span> : NO_VALUE}</td>
						</tr>
					)))}
				</tbody>
			</table>
		</div>
	)
}

/** One label week by week, the newest first. */
export function LabelTable({ weeks, label, title }: { weeks: readonly WeekOfModel[]; label: string; title: string }) {
	return (
		<div className="data-set-long" role="region" aria-label={`${title} by week, as a table that scrolls`} tabIndex={0}>
			<table className="chart-table numbers drift-table" aria-label={`${title} by week`}>
				<thead><tr><th scope="col">Week of</th><th scope="col">Calls</th><th scope="col" className="end">Mean probability</th><th scope="col">Suggestions rejected</th><th scope="col" className="end">Findings added</th></tr></thead>
				<tbody>
					{rowsOf(weeks).map((row) => {
						if ('without' in row) return <Gap key={row.monday} row={row} columns={4} />
						const own = row.labels.find(({ name }) => name === label)
						return (
							<tr key={row.monday}>
								<WeekCell week={row} />
								{own ? <ShareCell share={own.calls} /> : <td>{NO_VALUE}</td>}
								<td className="end">{shareText(own?.probability ?? null)}</td>
								{own?.finding ? <ShareCell share={own.rejected} /> : <td className="muted">{own ? 'No finding' : NO_VALUE}</td>}
								<td className="end">{own?.finding ? number(own.added) : NO_VALUE}</td>
							</tr>
						)
					})}
				</tbody>
			</table>
		</div>
	)
}

function WeekCell({ week: { monday, week } }: { week: DriftWeek }) {
	return <th scope="row">{monday} <span className="muted">{week.slice(5)}</span></th>
}

function ShareCell({ share }: { share: Share }) {
	return <td className="drift-share">{shareWithInterval(share)} {share.of > 0 && <span className="muted">{countsOf(share)}</span>}</td>
}

function Gap({ row: { without, monday }, columns }: { row: { without: number; monday: string }; columns: number }) {
	return <tr><th scope="row" className="drift-gap">{monday}</th><td colSpan={columns} className="muted">{without === 1 ? 'No films in this week' : `${count(without, 'week')} without films, from this one on`}</td></tr>
}
