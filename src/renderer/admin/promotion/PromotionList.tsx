import { Upload } from 'lucide-react'
import { useEffect, useRef } from 'react'
import type { Candidate } from '../../../common/contract/promotion.ts'
import { useNavigation } from '../../app/navigation.ts'
import { useRoomCommands } from '../../app/useRoomCommands.ts'
import { EmptyState } from '../../ui/EmptyState.tsx'
import { focusIfNothingHasIt } from '../../ui/focus.ts'
import { goThroughRows } from '../../ui/listKeys.ts'
import { count, number } from '../../ui/words.ts'
import { DecisionLog } from './DecisionLog.tsx'
import { activateCandidate, dismissImportFault, importPackFile, openCandidate, usePromotion, type Known } from './promotionStore.ts'
import { keyOf, originInWords, stateOf } from './promotionWords.ts'
import { ReadsNow } from './ReadsNow.tsx'
import { CompareProgress, Reason, StateTag, VerdictTag } from './Signs.tsx'

/** Which models read now, the candidates, and what was decided about them. */
export function PromotionList({ known }: { known: Known }) {
	const { candidates, models, decisions, comparisons } = known
	const { active, importing, importFault, job } = usePromotion()
	const root = useRef<HTMLDivElement>(null)
	const file = useRef<HTMLInputElement>(null)
	const choose = () => file.current?.click()
	const refused = candidates.filter(({ state }) => state === 'refused').length
	useRoomCommands([{ id: 'promotion.import', title: 'Import a model pack', group: 'Promotion', keys: 'Insert', enabled: () => importing === null, run: choose }])
	// What had the keyboard went with the place before this, or with a candidate that was removed.
	useEffect(() => focusIfNothingHasIt(root.current?.querySelector(`[data-key="${active}"]`) ?? root.current?.querySelector('[data-key], .empty-state button')))

	return (
		<div className="promotion-page" ref={root}>
			<header className="promotion-head">
				<h1>Promotion</h1>
				<p className="muted numbers" role="status">{importing === null ? `${count(candidates.length, 'candidate')}${refused > 0 ? `, ${number(refused)} refused` : ''}` : <>Importing <bdi>{importing}</bdi>: it is unpacked, checked and tested</>}</p>
				<button disabled={importing !== null} onClick={choose}><Upload aria-hidden />Import a model pack</button>
				<input
					ref={file} type="file" className="visually-hidden" aria-label="Model pack to import" tabIndex={-1} accept=".zip,application/zip"
					onChange={(event) => {
						const [chosen] = event.target.files ?? []
						if (chosen) void importPackFile(chosen)
						// The same file may be chosen again.
						event.target.value = ''
					}}
				/>
			</header>
			{decisions.fault !== '' && <div role="alert"><Reason kind="danger"><p><strong>The log of decisions was changed after it was signed.</strong> {decisions.fault} What it says cannot be relied on: compare it with a backup of the data folder.</p></Reason></div>}
			{importFault !== '' && <div role="alert" className="promotion-refusal"><Reason kind="danger"><p>{importFault}</p></Reason><button onClick={dismissImportFault}>Put away</button></div>}
			<CompareProgress job={job} isNamed />
			<div className="promotion-columns">
				<div className="promotion-main">
					<ReadsNow models={models} decisions={decisions} />
					<section aria-label="Candidates" className="promotion-candidates">
						<h2>Candidates</h2>
						{candidates.length === 0 ? (
							<EmptyState title="No candidates yet." text="A candidate is the model pack of a finished run, or a pack file from elsewhere. It reads nothing before it was compared with the model that reads now, on the same films, and accepted by somebody who signs for it.">
								<button className="primary" onClick={() => useNavigation.getState().openSection('newRun')}>Train a model</button>
								<button onClick={choose}>Import a model pack</button>
							</EmptyState>
						) : (
							<ul onKeyDown={(event) => goThroughRows(event, '[data-key]')}>
								{candidates.map((candidate) => <Row key={keyOf(candidate.candidate)} entry={candidate} state={stateOf(candidate, { comparisons, decisions: decisions.decisions, running: job?.phase === 'running' ? job.candidate : null })} />)}
							</ul>
						)}
					</section>
				</div>
				<DecisionLog decisions={decisions} comparisons={comparisons} />
			</div>
		</div>
	)
}

function Row({ entry, state }: { entry: Candidate; state: ReturnType<typeof stateOf> }) {
	const key = keyOf(entry.candidate)
	const title = entry.state === 'ready' ? entry.about.title : entry.candidate.id
	// That it reads now is said by its sign.
	const reason = state.state === 'reads' ? '' : entry.reason
	return (
		<li>
			<button className="quiet promotion-candidate" data-key={key} onClick={() => openCandidate(entry.candidate)} onFocus={() => activateCandidate(key)}>
				<span className="promotion-two">
					<span className="cut promotion-title" dir="auto" title={title}>{title}</span>
					<span className="cut muted">{originInWords(entry.candidate)}{entry.state === 'ready' && `, ${entry.about.version}, ${entry.about.role}`}</span>
				</span>
				<span className="promotion-two numbers">
					{entry.state === 'ready' && (
						<>
							<span className="cut" title={entry.about.architecture}>{entry.about.architecture}, {number(entry.about.parameters)} parameters</span>
							<span className="cut muted" title={entry.about.labels.join(', ')}>{count(entry.about.labels.length, 'label')}: {entry.about.labels.join(', ')}</span>
						</>
					)}
				</span>
				<span className="promotion-state">{state.state === 'compared' ? <><span className="visually-hidden">Compared:</span><VerdictTag row={state.last} /></> : <StateTag state={state.state} />}</span>
				{reason !== '' && <span className="promotion-why">{reason}</span>}
			</button>
		</li>
	)
}
