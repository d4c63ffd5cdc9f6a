import type { ComparisonRow, Decision, Decisions } from '../../../common/contract/promotion.ts'
import { localTime } from '../../ui/words.ts'
import { openComparison } from './promotionStore.ts'
import { decisionInWords, OUTCOME_TITLES, verdictTitle } from './promotionWords.ts'
import { DecisionTag } from './Signs.tsx'

/** Every signed decision, newest first. */
export function DecisionLog({ decisions: { decisions }, comparisons }: { decisions: Decisions; comparisons: readonly ComparisonRow[] }) {
	return (
		<section aria-label="Decisions" className="promotion-log" tabIndex={0}>
			<h2>Decisions</h2>
			{decisions.length === 0 ? <p className="muted">Nothing was decided yet. Every decision is signed, kept for ever and stands here, declined ones too.</p> : (
				<ol>{decisions.map((decision) => <Entry key={decision.id} decision={decision} comparisons={comparisons} />)}</ol>
			)}
		</section>
	)
}

function Entry({ decision: { id, content, sha256 }, comparisons }: { decision: Decision; comparisons: readonly ComparisonRow[] }) {
	return (
		<li className="promotion-entry selectable">
			<p className="promotion-entry-head"><DecisionTag kind={content.kind} /><span className="muted numbers">{localTime(content.decidedAt)}</span><span className="muted numbers promotion-entry-number">{id}</span></p>
			<p className="promotion-entry-what">{decisionInWords(content)}</p>
			<p className="promotion-entry-reason" dir="auto">{content.reason}</p>
			<p className="muted promotion-entry-signed"><bdi>{content.decidedBy}</bdi>, <span className="numbers" title={`SHA-256 of this decision: ${sha256}\nof the one before: ${content.previous}`}>{sha256.slice(0, 12)}</span></p>
			{content.comparisons.length > 0 && (
				<p className="promotion-entry-rests">
					{content.comparisons.map(({ id: comparison, outcome }) => {
						const row = comparisons.find((own) => own.id === comparison)
						const title = `Comparison ${comparison}: ${(row ? verdictTitle(row) : OUTCOME_TITLES[outcome]).toLowerCase()}`
						return row ? <button key={comparison} className="quiet" onClick={() => openComparison(row.candidate, comparison)}>{title}</button> : <span key={comparison}>{title}</span>
					})}
				</p>
			)}
		</li>
	)
}
