import { Ban, CircleAlert, CircleCheck, CircleDashed, Equal, LoaderCircle, Minus, TrendingDown, TrendingUp, TriangleAlert, Undo2, X } from 'lucide-react'
import type { ReactNode } from 'react'
import type { ComparisonJob, ComparisonRow, DecisionContent, Outcome, PairedNumberOf } from '../../../common/contract/promotion.ts'
import { cancelComparison } from './promotionStore.ts'
import { DECISION_TITLES, differenceText, originInWords, OUTCOME_TITLES, progressInWords, shownBy, STATE_TITLES, verdictTitle, type CandidateState } from './promotionWords.ts'

const OUTCOME_ICONS = { better: TrendingUp, worse: TrendingDown, undecided: Equal, insufficient: CircleDashed } as const
const OUTCOME_TONES: Record<Outcome, string> = { better: 'accent', worse: 'warning', undecided: '', insufficient: '' }

/** The verdict of a kept comparison in a word and a sign. */
export function VerdictTag({ row }: { row: Pick<ComparisonRow, 'kind' | 'verdict'> }) {
	if (row.kind === 'labelled') return <OutcomeTag outcome={row.verdict.outcome} />
	return <span className="tag"><Minus size={12} aria-hidden />{verdictTitle(row)}</span>
}

/** What a paired number shows, in a word and a sign. */
export function OutcomeTag({ outcome }: { outcome: Outcome }) {
	const Icon = OUTCOME_ICONS[outcome]
	return <span className={`tag ${OUTCOME_TONES[outcome]}`}><Icon size={12} aria-hidden />{OUTCOME_TITLES[outcome]}</span>
}

const STATE_ICONS = { refused: CircleAlert, reads: CircleCheck, unfit: Ban, comparing: LoaderCircle, declined: X, new: CircleDashed } as const
const STATE_TONES: Record<Exclude<CandidateState, 'compared'>, string> = { refused: 'danger', reads: 'accent', unfit: 'warning', comparing: 'accent', declined: '', new: '' }

/** How it stands with a candidate. */
export function StateTag({ state }: { state: Exclude<CandidateState, 'compared'> }) {
	const Icon = STATE_ICONS[state]
	return <span className={`tag ${STATE_TONES[state]}`}><Icon size={12} aria-hidden />{STATE_TITLES[state]}</span>
}

const DECISION_ICONS = { accepted: CircleCheck, declined: X, 'rolled back': Undo2 } as const

export function DecisionTag({ kind }: { kind: DecisionContent['kind'] }) {
	const Icon = DECISION_ICONS[kind]
	return <span className={kind === 'accepted' ? 'tag accent' : 'tag'}><Icon size={12} aria-hidden />{DECISION_TITLES[kind]}</span>
}

/** A paired difference with its interval, and a sign where the whole interval lies on one side. */
export function Difference({ of, isLessBetter = false }: { of: PairedNumberOf; isLessBetter?: boolean }) {
	const side = shownBy(of, isLessBetter)
	const Icon = side === 'better' ? TrendingUp : TrendingDown
	return (
		<span className={`promotion-difference ${side ?? ''}`}>
			{side && <Icon size={13} role="img" aria-label={side === 'better' ? 'Better:' : 'Worse:'} />}
			{differenceText(of)}
		</span>
	)
}

/** What is to be told before anything else, in whole sentences. */
export function Reason({ kind, children }: { kind: 'warning' | 'danger'; children: ReactNode }) {
	const Icon = kind === 'danger' ? CircleAlert : TriangleAlert
	return <div className={`promotion-reason ${kind}`}><Icon aria-hidden /><div className="selectable">{children}</div></div>
}

/** How far a comparison is, with a button that ends it; nothing where none goes on. @param isNamed says of which candidate. */
export function CompareProgress({ job, isNamed = false }: { job: ComparisonJob | null; isNamed?: boolean }) {
	if (job?.phase !== 'running') return null
	const { progress } = job
	const isCounted = progress !== null && progress.of > 0 && progress.phase !== 'latency'
	return (
		<div className="promotion-progress">
			{isNamed && <span className="cut">{originInWords(job.candidate)}</span>}
			<progress aria-label="Comparison" max={1} value={isCounted ? progress.done / progress.of : undefined} />
			<span className="numbers">{progressInWords(progress)}</span>
			<button aria-label="Cancel the comparison" onClick={() => void cancelComparison(job.jobId)}>Cancel</button>
		</div>
	)
}
