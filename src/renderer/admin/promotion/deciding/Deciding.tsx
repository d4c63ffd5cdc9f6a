import { ArrowLeft } from 'lucide-react'
import { useCallback, useEffect, useId, useRef, useState } from 'react'
import type { CandidateReference, ComparisonRow, Decision } from '../../../../common/contract/promotion.ts'
import { client } from '../../../app/client.ts'
import { useQuestion } from '../../../app/useQuestion.ts'
import { useRoomCommands } from '../../../app/useRoomCommands.ts'
import { EmptyState } from '../../../ui/EmptyState.tsx'
import { focusIfNothingHasIt } from '../../../ui/focus.ts'
import { count, folderName, localTime } from '../../../ui/words.ts'
import { decide, goTo, openComparison, type Known } from '../promotionStore.ts'
import { changesOf, keyOf, modelName, toAcknowledge, whyOutdated, type ReadyCandidate } from '../promotionWords.ts'
import { selectedOf } from '../ReadsNow.tsx'
import { Reason, VerdictTag } from '../Signs.tsx'
import { SignatureForm } from './Signature.tsx'

/** What a decision names, at most. */
const MOST_NAMED = 20

/** Accepts or declines a candidate: on which comparisons, what that changes, who signs for it and why. */
export function Deciding({ known, candidate, rests }: { known: Known; candidate: CandidateReference; rests: number | null }) {
	const leave = () => goTo(rests === null ? { at: 'candidate', candidate } : { at: 'comparison', candidate, id: rests })
	useRoomCommands([{ id: 'promotion.back', title: 'Back to the candidate', group: 'Promotion', keys: 'Escape', run: leave }])
	const entry = known.candidates.find((own) => keyOf(own.candidate) === keyOf(candidate))
	const rows = entry?.state === 'ready' ? known.comparisons.filter((row) => keyOf(row.candidate) === keyOf(candidate) && whyOutdated(row, entry) === '') : []
	if (entry?.state !== 'ready' || entry.reason !== '' || !entry.current || rows.length === 0) {
		return (
			<>
				<h1 className="visually-hidden">Decision</h1>
				<EmptyState title="Nothing can be decided about it now." text={entry?.reason || (entry ? 'No comparison stands any more: compare the candidate with the model that reads now first.' : 'The candidate is no longer there.')}>
					<button className="primary" onClick={() => goTo(entry ? { at: 'candidate', candidate } : { at: 'list' })}>{entry ? 'Back to the candidate' : 'Back to the candidates'}</button>
				</EmptyState>
			</>
		)
	}
	return <Form known={known} entry={entry} rows={rows} rests={rests} onLeave={leave} />
}

function Form({ known, entry, rows, rests, onLeave }: { known: Known; entry: ReadyCandidate; rows: readonly ComparisonRow[]; rests: number | null; onLeave(): void }) {
	const { candidate, about, current, installed } = entry
	const [kind, setKind] = useState<'accepted' | 'declined' | null>(null)
	const [leftOut, setLeftOut] = useState<ReadonlySet<number>>(() => new Set(rows.slice(MOST_NAMED).map(({ id }) => id)))
	const [acknowledged, setAcknowledged] = useState('')
	const root = useRef<HTMLDivElement>(null)
	const id = useId()
	useEffect(() => focusIfNothingHasIt(root.current?.querySelector('input[type="radio"]')), [])
	const chosen = rows.filter((row) => !leftOut.has(row.id))
	const asked = kind === 'accepted' ? toAcknowledge(chosen) : ''
	const missing = kind === null ? 'Accept or decline.' : chosen.length === 0 ? 'Name at least one comparison.' : chosen.length > MOST_NAMED ? `Name at most ${MOST_NAMED} comparisons.` : asked !== '' && acknowledged !== asked ? 'Tick that you have read what the comparisons say.' : ''
	const others = selectedOf(known.models, 'student').flatMap(({ manifest }) => (manifest.sha256 === current?.sha256 ? [] : [manifest]))

	function toggle(comparison: number): void {
		const next = new Set(leftOut)
		if (!next.delete(comparison)) next.add(comparison)
		setLeftOut(next)
	}

	return (
		<div className="promotion-page" ref={root}>
			<header className="promotion-head">
				<button className="quiet promotion-leave" onClick={onLeave}><ArrowLeft aria-hidden />{rests === null ? 'Candidate' : `Comparison ${rests}`}</button>
				<h1 className="cut" title={about.title} tabIndex={-1}>Decide about <bdi>{about.title}</bdi></h1>
			</header>
			<div className="promotion-columns deciding">
				<div className="promotion-main" role="region" aria-label="Decision" tabIndex={0}>
					<fieldset className="promotion-form">
						<legend><h2>Decision</h2></legend>
						{([['accepted', 'Accept', `${modelName(about)} becomes the model that ${about.role === 'student' ? 'reads' : 'gives the second opinion'}.`], ['declined', 'Decline', 'Everything stays as it is. The decision stays in the log, and the candidate may be decided about again.']] as const).map(([own, title, why]) => (
							<div key={own} className={own === kind ? 'promotion-choice chosen' : 'promotion-choice'}>
								<label>
									<input type="radio" name={id} checked={own === kind} onChange={() => setKind(own)} />
									<span className="promotion-choice-title">{title}</span>
									<span className="muted promotion-choice-why">{why}</span>
								</label>
							</div>
						))}
					</fieldset>
					{kind === 'accepted' && current && (
						<section aria-label="What changes">
							<h2>What changes</h2>
							<ul className="promotion-changes selectable">{changesOf({ candidate: about, current, installed, others }).map((change) => <li key={change}>{change}</li>)}</ul>
						</section>
					)}
					{asked !== '' && (
						<div className="promotion-acknowledge">
							<Reason kind="warning">
								{chosen.filter(({ verdict }) => verdict.outcome === 'worse' || verdict.outcome === 'insufficient').map((row) => <p key={row.id}>Comparison {row.id}: {row.verdict.reason}</p>)}
								<label><input type="checkbox" checked={acknowledged === asked} onChange={(event) => setAcknowledged(event.target.checked ? asked : '')} /><span>{asked}</span></label>
							</Reason>
						</div>
					)}
					<SignatureForm
						title={kind === 'declined' ? 'Sign and decline' : kind === 'accepted' ? 'Sign and accept' : 'Sign'} missing={missing} hint="What you looked at, and what made you decide so"
						onSign={(signed) => decide({ candidate, kind: kind ?? 'declined', comparisonIds: chosen.map((row) => row.id), ...signed })}
					/>
				</div>
				<div className="promotion-rests" role="region" aria-label="What it rests on" tabIndex={0}>
					<h2>Rests on these comparisons</h2>
					<ul>
						{rows.map((row) => (
							<li key={row.id} className="promotion-rest">
								<label>
									<input type="checkbox" checked={!leftOut.has(row.id)} onChange={() => toggle(row.id)} />
									<span className="promotion-two">
										<span className="cut" title={row.films}>{row.id}: <bdi>{folderName(row.films)}</bdi></span>
										<span className="muted numbers cut">{localTime(row.createdAt)}, {count(row.n, 'film')}</span>
									</span>
									<VerdictTag row={row} />
								</label>
								<Cautions row={row} />
								<button className="quiet promotion-link" onClick={() => openComparison(candidate, row.id)}>Open comparison {row.id}</button>
							</li>
						))}
					</ul>
					<NewPoints entry={entry} known={known} />
					<Before decisions={known.decisions.decisions} entry={entry} />
				</div>
			</div>
		</div>
	)
}

/** What a reader of a comparison should mind. */
function Cautions({ row: { id } }: { row: ComparisonRow }) {
	const ask = useCallback(() => client.call('promotion.comparison', { comparisonId: id }), [id])
	const { value, fault } = useQuestion(ask)
	const cautions = fault === '' ? (value?.report.cautions ?? []) : [`Its report cannot be read. ${fault}`]
	if (cautions.length === 0) return null
	return <ul className="promotion-cautions selectable" aria-label={`Cautions of comparison ${id}`}>{cautions.map((caution) => <li key={caution}>{caution}</li>)}</ul>
}

/** The operating points that would count, beside those that do. */
function NewPoints({ entry, known }: { entry: ReadyCandidate; known: Known }) {
	const { origin, id } = entry.candidate
	const ask = useCallback(() => client.call('promotion.card', { candidate: { origin, id } }), [origin, id])
	const manifest = useQuestion(ask, entry.about.manifestSha256).value?.manifest
	const now = known.models.find((own) => own.state === 'ready' && own.manifest.sha256 === entry.current?.sha256)
	if (!manifest || now?.state !== 'ready') return null
	return (
		<section aria-label="Operating points">
			<h2>Operating points</h2>
			<table className="chart-table numbers">
				<thead><tr><th scope="col">Label</th><th scope="col" className="end">Now</th><th scope="col" className="end">Then</th></tr></thead>
				<tbody>
					{now.manifest.labels.map(({ name, title, operatingPoint }) => {
						const other = manifest.labels.find((label) => label.name === name)?.operatingPoint
						return <tr key={name}><th scope="row" title={title} className="promotion-name"><span className="cut" dir="auto">{title}</span></th><td className="end" title={operatingPoint.rule}>{operatingPoint.value.toFixed(3)}</td><td className="end" title={other?.rule}>{other?.value.toFixed(3)}</td></tr>
					})}
					<tr><th scope="row">Abstains below</th><td className="end">{now.manifest.abstention.threshold.toFixed(3)}</td><td className="end">{manifest.abstention.threshold.toFixed(3)}</td></tr>
				</tbody>
			</table>
		</section>
	)
}

/** What was decided about this candidate before. */
function Before({ decisions, entry }: { decisions: readonly Decision[]; entry: ReadyCandidate }) {
	const [last] = decisions.filter(({ content: { candidate } }) => candidate && keyOf(candidate.reference) === keyOf(entry.candidate))
	if (!last) return null
	return <p className="muted promotion-note selectable">Decided before: {last.content.kind} on {localTime(last.content.decidedAt)} by <bdi>{last.content.decidedBy}</bdi>, <q dir="auto">{last.content.reason}</q></p>
}
