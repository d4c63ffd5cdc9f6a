import { ArrowLeft, BookOpen, Download, PenLine, Trash2 } from 'lucide-react'
import { useEffect, useRef, useState } from 'react'
import { routes } from '../../../common/contract/procedures.ts'
import type { CandidateReference, ComparisonRow } from '../../../common/contract/promotion.ts'
import { KIND_TITLES } from '../../../common/text/kindsOfImage.ts'
import { useRoomCommands } from '../../app/useRoomCommands.ts'
import { EmptyState } from '../../ui/EmptyState.tsx'
import { focusIfNothingHasIt } from '../../ui/focus.ts'
import { count, folderName, localTime, number } from '../../ui/words.ts'
import { Fact, Facts } from '../Facts.tsx'
import { CandidateCard } from './CandidateCard.tsx'
import { ChooseFilms } from './ChooseFilms.tsx'
import { goTo, goToList, openComparison, removeImported, usePromotion, type Known } from './promotionStore.ts'
import { keyOf, modelName, originInWords, stateOf, whyOutdated, type ReadyCandidate } from './promotionWords.ts'
import { CompareProgress, Reason, StateTag, VerdictTag } from './Signs.tsx'

/** One candidate: what it is, what it is held against, its comparisons, and the way to a decision. */
export function CandidateView({ known, candidate }: { known: Known; candidate: CandidateReference }) {
	useRoomCommands([{ id: 'promotion.back', title: 'Back to the candidates', group: 'Promotion', keys: 'Escape', run: goToList }])
	const entry = known.candidates.find((own) => keyOf(own.candidate) === keyOf(candidate))
	if (!entry) {
		return (
			<>
				<h1 className="visually-hidden">Candidate</h1>
				<EmptyState title="This candidate is no longer there." text={`${originInWords(candidate)} has no model pack on this machine. What was compared and decided is kept.`}><button className="primary" onClick={goToList}>Back to the candidates</button></EmptyState>
			</>
		)
	}
	if (entry.state === 'refused') {
		return (
			<div className="promotion-page">
				<header className="promotion-head">
					<button className="quiet promotion-leave" onClick={goToList}><ArrowLeft aria-hidden />Candidates</button>
					<h1 className="cut">{entry.candidate.id}</h1>
					<StateTag state="refused" />
				</header>
				<div className="promotion-body" role="region" aria-label="Why it is refused" tabIndex={0}>
					<Reason kind="danger"><p>{entry.reason}</p></Reason>
					<p className="muted promotion-path selectable">Folder: <bdi>{entry.directory}</bdi></p>
					<p className="muted">It is used for nothing. {entry.candidate.origin === 'run' ? 'Train it anew, or mend the folder.' : 'Get the file again and import it, or mend the folder.'}</p>
					{entry.candidate.origin === 'imported' && <Remove candidate={entry.candidate} />}
				</div>
			</div>
		)
	}
	return <Ready known={known} entry={entry} />
}

function Ready({ known, entry }: { known: Known; entry: ReadyCandidate }) {
	const { candidate, about, current, reason } = entry
	const { job } = usePromotion()
	const [isCardShown, setCardShown] = useState(false)
	const root = useRef<HTMLDivElement>(null)
	const rows = known.comparisons.filter((row) => keyOf(row.candidate) === keyOf(candidate))
	const standing = rows.filter((row) => whyOutdated(row, entry) === '')
	const state = stateOf(entry, { comparisons: known.comparisons, decisions: known.decisions.decisions, running: job?.phase === 'running' ? job.candidate : null })
	const own = job && keyOf(job.candidate) === keyOf(candidate) ? job : null
	const canDecide = reason === '' && standing.length > 0
	useRoomCommands([
		{ id: 'promotion.decide', title: 'Decide about the candidate', group: 'Promotion', keys: 'd', enabled: () => canDecide, run: () => goTo({ at: 'deciding', candidate, rests: null }) },
		{ id: 'promotion.card', title: 'Card of the candidate', group: 'Promotion', keys: 'c', run: () => setCardShown(true) },
	])
	useEffect(() => focusIfNothingHasIt(root.current?.querySelector('h1')), [])

	return (
		<div className="promotion-page" ref={root}>
			<header className="promotion-head">
				<button className="quiet promotion-leave" onClick={goToList}><ArrowLeft aria-hidden />Candidates</button>
				<h1 className="cut" dir="auto" title={about.title} tabIndex={-1}>{about.title}</h1>
				{state.state === 'compared' ? <VerdictTag row={state.last} /> : <StateTag state={state.state} />}
				<span className="promotion-space" />
				<a className="button" href={routes.pack(candidate.origin, candidate.id)} download title="The pack as one file"><Download aria-hidden />Export</a>
				<button className={canDecide && own?.phase !== 'running' ? 'primary' : undefined} disabled={!canDecide} title={canDecide ? 'Decide about the candidate (D)' : 'Compare it first: a decision rests on comparisons.'} onClick={() => goTo({ at: 'deciding', candidate, rests: null })}><PenLine aria-hidden />Decide</button>
			</header>
			{own && <CompareProgress job={own} />}
			{own?.phase === 'failed' && <div role="alert"><Reason kind="danger"><p>The comparison failed. {own.reason} Nothing of it was kept.</p></Reason></div>}
			<div className="promotion-columns">
				<div className="promotion-main">
					{reason !== '' && <Reason kind="warning"><p>{reason}</p>{state.state === 'unfit' && <p>A candidate has to answer with the same labels, about the same kind of image, as a model that reads now. Choose such a student in Models, or train with other labels.</p>}</Reason>}
					{reason === '' && (own?.phase === 'running'
						? <p className="muted promotion-note">The comparison has low priority and goes on while one works elsewhere in the workstation. Its report is kept and stands here then.</p>
						: <ChooseFilms entry={entry} isBusy={job?.phase === 'running'} />)}
					<section aria-label="Comparisons">
						<h2>Comparisons</h2>
						{rows.length === 0 ? <p className="muted">None yet. Each is kept whole, whatever is decided.</p> : <Comparisons rows={rows} entry={entry} />}
					</section>
				</div>
				<aside className="promotion-about" aria-label="About" tabIndex={0}>
					<h2>The candidate</h2>
					<Facts>
						<Fact term="From" wide>{originInWords(candidate)}</Fact>
						<Fact term="Version">{about.version}, {about.role}</Fact>
						<Fact term="Network" wide>{about.architecture}</Fact>
						<Fact term="Parameters">{number(about.parameters)}</Fact>
						<Fact term="Reads">{KIND_TITLES[about.domain]}</Fact>
						<Fact term="Answers with" wide><bdi>{about.labels.join(', ')}</bdi> ({about.task === 'multiclass' ? 'one of them' : 'several of them'})</Fact>
						<Fact term="SHA-256" title={`Of the network: ${about.sha256}\nof its description: ${about.manifestSha256}`}>{about.sha256.slice(0, 12)}</Fact>
					</Facts>
					<p><button onClick={() => setCardShown(true)} title="Card of the candidate (C)"><BookOpen aria-hidden />Model card</button></p>
					<h2>Held against</h2>
					{current ? (
						<Facts>
							<Fact term="Model" wide><bdi>{current.title}</bdi></Fact>
							<Fact term="Version">{current.version}, {current.role}</Fact>
							<Fact term="SHA-256" title={`Of the network: ${current.sha256}\nof its description: ${current.manifestSha256}`}>{current.sha256.slice(0, 12)}</Fact>
						</Facts>
					) : <p className="muted">No model that reads now.</p>}
					<h2>How it was made</h2>
					<Facts>
						<Fact term="Training" wide>{about.training}</Fact>
						<Fact term="Licence" wide>{about.licence}</Fact>
						<Fact term="Folder" wide>{entry.directory}</Fact>
					</Facts>
					{candidate.origin === 'imported' && <Remove candidate={candidate} />}
				</aside>
			</div>
			{isCardShown && <CandidateCard candidate={candidate} title={about.title} onClose={() => setCardShown(false)} />}
		</div>
	)
}

function Comparisons({ rows, entry }: { rows: readonly ComparisonRow[]; entry: ReadyCandidate }) {
	return (
		<ul className="promotion-comparisons">
			{rows.map((row) => {
				const outdated = whyOutdated(row, entry)
				return (
					<li key={row.id}>
						<button className="quiet promotion-comparison" onClick={() => openComparison(row.candidate, row.id)}>
							<span className="numbers">{row.id}</span>
							<span className="promotion-two">
								<span className="cut" title={row.films}><bdi>{folderName(row.films)}</bdi></span>
								<span className="cut muted numbers">{localTime(row.createdAt)}, {count(row.n, 'film')}, against {modelName(row.models.current)}</span>
							</span>
							<VerdictTag row={row} />
							{outdated !== '' && <span className="promotion-why">Nothing can be decided on it any more. {outdated}</span>}
						</button>
					</li>
				)
			})}
		</ul>
	)
}

/** Deletes an imported pack, after a second word: there is no way back but the file that it came from. */
function Remove({ candidate }: { candidate: CandidateReference }) {
	const [isAsked, setAsked] = useState(false)
	const keep = useRef<HTMLButtonElement>(null)
	useEffect(() => {
		if (isAsked) keep.current?.focus()
	}, [isAsked])
	if (!isAsked) return <p><button onClick={() => setAsked(true)}><Trash2 aria-hidden />Remove from the candidates</button></p>
	return (
		<div className="promotion-remove">
			<p>The folder of this pack is deleted, and can only be brought back by importing its file again. Comparisons and decisions about it stay, and so does the model where it was accepted.</p>
			<p className="promotion-buttons"><button className="danger" onClick={() => void removeImported(candidate)}>Delete the pack</button><button ref={keep} onClick={() => setAsked(false)}>Keep it</button></p>
		</div>
	)
}
