import { ArrowLeft, PenLine, TriangleAlert } from 'lucide-react'
import { useCallback, useEffect, useRef } from 'react'
import type { CandidateReference, ComparisonReport, ComparisonRow } from '../../../../common/contract/promotion.ts'
import { client } from '../../../app/client.ts'
import { useQuestion } from '../../../app/useQuestion.ts'
import { useRoomCommands } from '../../../app/useRoomCommands.ts'
import { EmptyState } from '../../../ui/EmptyState.tsx'
import { focusIfNothingHasIt } from '../../../ui/focus.ts'
import { count, localTime, number } from '../../../ui/words.ts'
import { Fact, Facts } from '../../Facts.tsx'
import { goTo, type Known } from '../promotionStore.ts'
import { keyOf, modelName, whyOutdated } from '../promotionWords.ts'
import { Reason, VerdictTag } from '../Signs.tsx'
import { LabelledResults } from './LabelledResults.tsx'
import { LibraryResults } from './LibraryResults.tsx'
import { Cost } from './Cost.tsx'

/** The whole report of a kept comparison. */
export function ComparisonView({ known, candidate, id }: { known: Known; candidate: CandidateReference; id: number }) {
	const ask = useCallback(() => client.call('promotion.comparison', { comparisonId: id }), [id])
	const { value: answer, fault } = useQuestion(ask)
	const leave = () => goTo({ at: 'candidate', candidate })
	useRoomCommands([{ id: 'promotion.back', title: 'Back to the candidate', group: 'Promotion', keys: 'Escape', run: leave }])
	if (fault !== '') return <><h1 className="visually-hidden">Comparison</h1><EmptyState title="The comparison could not be shown." text={fault}><button className="primary" onClick={leave}>Back to the candidate</button></EmptyState></>
	if (!answer) return <><h1 className="visually-hidden">Comparison</h1><p className="frame-waiting muted">Looking at the report…</p></>
	return <Shown known={known} row={answer.row} report={answer.report} onLeave={leave} />
}

function Shown({ known, row, report, onLeave }: { known: Known; row: ComparisonRow; report: ComparisonReport; onLeave(): void }) {
	const { candidate: reference, id } = row
	const { current, candidate, films, verdict, cautions, labelled, library } = report
	const root = useRef<HTMLDivElement>(null)
	useEffect(() => focusIfNothingHasIt(root.current?.querySelector('article')), [])
	const entry = known.candidates.find((own) => keyOf(own.candidate) === keyOf(reference))
	const outdated = entry?.state !== 'ready' ? 'The candidate is no longer there.' : whyOutdated(row, entry)
	const canDecide = entry?.state === 'ready' && outdated === '' && entry.reason === ''
	const startDeciding = () => goTo({ at: 'deciding', candidate: reference, rests: id })
	useRoomCommands([{ id: 'promotion.decide', title: 'Decide about the candidate', group: 'Promotion', keys: 'd', enabled: () => canDecide, run: startDeciding }])
	return (
		<div className="promotion-page" ref={root}>
			<header className="promotion-head">
				<button className="quiet promotion-leave" onClick={onLeave}><ArrowLeft aria-hidden />Candidate</button>
				<h1 className="cut">Comparison <span className="numbers">{id}</span> of <bdi>{candidate.title}</bdi></h1>
				<span className="promotion-space" />
				<button className={canDecide ? 'primary' : undefined} disabled={!canDecide} title={canDecide ? 'Decide about the candidate (D)' : outdated || 'It is the model that reads now.'} onClick={startDeciding}><PenLine aria-hidden />Decide</button>
			</header>
			<article className="promotion-report" aria-label="Report" tabIndex={0}>
				<section aria-label="Verdict" className={`promotion-verdict whole ${verdict.outcome}`}>
					<p className="promotion-verdict-word"><VerdictTag row={row} /></p>
					<div className="selectable">
						<p className="promotion-verdict-reason">{verdict.reason}</p>
						<p className="muted numbers"><bdi>{modelName(candidate)}</bdi> against <bdi>{modelName(current)}</bdi>, on {count(films.n, 'film')} of {count(films.groups, 'patient or group', 'patients or groups')} ({localTime(row.createdAt)})</p>
					</div>
				</section>
				{outdated !== '' && <Reason kind="warning"><p>Nothing can be decided on it any more. {outdated}</p></Reason>}
				{cautions.length > 0 && (
					<section aria-label="Cautions" className="promotion-warnings whole">
						<h2><TriangleAlert aria-hidden />What to mind</h2>
						<ul className="selectable">{cautions.map((caution) => <li key={caution}>{caution}</li>)}</ul>
					</section>
				)}
				{labelled && <LabelledResults labelled={labelled} />}
				{library && <LibraryResults library={library} n={films.n} />}
				<Cost report={report} />
				{films.refusedCount > 0 && <Refused films={films} />}
				<section aria-label="What was compared">
					<h2>What was compared</h2>
					<Facts>
						<Fact term="Films" wide><bdi>{films.title}</bdi></Fact>
						<Fact term="SHA-256" wide title="Over ids, truths, groups and image files">{films.sha256}</Fact>
						<Fact term="Current" wide title={`Of the network: ${current.sha256}\nof its description: ${current.manifestSha256}`}><bdi>{modelName(current)}</bdi>, {current.sha256.slice(0, 16)}, description {current.manifestSha256.slice(0, 16)}</Fact>
						<Fact term="Candidate" wide title={`Of the network: ${candidate.sha256}\nof its description: ${candidate.manifestSha256}`}><bdi>{modelName(candidate)}</bdi>, {candidate.sha256.slice(0, 16)}, description {candidate.manifestSha256.slice(0, 16)}</Fact>
						<Fact term="Report" wide title="SHA-256 of the report as it is kept">{row.sha256}</Fact>
						<Fact term="Intervals" wide>95 %, whole patients drawn with replacement {number(report.interval.resamples)} times, the same for both models</Fact>
						<Fact term="Program">Negatoscope {report.softwareVersion}</Fact>
					</Facts>
				</section>
			</article>
		</div>
	)
}

const BY = { '': 'Before any model', current: 'Current model', candidate: 'Candidate' } as const

function Refused({ films: { refused, refusedCount } }: { films: ComparisonReport['films'] }) {
	return (
		<section aria-label="Films that were left out">
			<h2>Films that were left out<span className="muted numbers promotion-total">{number(refusedCount)}</span></h2>
			{refusedCount > refused.length && <p className="muted">The first {number(refused.length)} are listed.</p>}
			<div className="promotion-long" role="region" aria-label="Films that were left out, as a table that scrolls" tabIndex={0}>
				<table className="chart-table">
					<thead><tr><th scope="col">Film</th><th scope="col">Refused by</th><th scope="col">Reason</th></tr></thead>
					<tbody>{refused.map(({ id, by, reason }, index) => <tr key={index}><th scope="row" title={id} className="promotion-name"><span className="cut" dir="auto">{id}</span></th><td>{BY[by]}</td><td dir="auto">{reason}</td></tr>)}</tbody>
				</table>
			</div>
		</section>
	)
}
