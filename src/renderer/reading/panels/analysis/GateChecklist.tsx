import { Check, CircleHelp, Minus, X } from 'lucide-react'
import type { Gate, GateCheck } from '../../../../common/contract/analysis.ts'

const MARKS: Record<GateCheck['state'], { Icon: typeof Check; word: string }> = {
	passed: { Icon: Check, word: 'passed' },
	failed: { Icon: X, word: 'failed' },
	unknown: { Icon: CircleHelp, word: 'not known' },
	skipped: { Icon: Minus, word: 'not checked' },
}

/** The input checks in their order; the one that failed carries its reason. */
export function GateChecklist({ gate }: { gate: Gate }) {
	return (
		<section className="panel-section" aria-label="Input checks">
			<h3 className="panel-heading">Input checks</h3>
			<ul className="gate-list" aria-label="Input checks">
				{gate.checks.map((check) => {
					const { Icon, word } = MARKS[check.state]
					// Where the mark says it all, the line is left to the detail.
					const isShown = check.state === 'passed' || check.state === 'unknown'
					return (
						<li key={check.name} className={`gate-check ${check.state}`}>
							<Icon aria-hidden="true" />
							<div className="gate-text">
								<span>{check.title}</span>
								<span className={isShown ? 'visually-hidden' : 'gate-word'}>{word}</span>
								{check.state !== 'skipped' && <span className="gate-detail muted" dir="auto">{check.detail}</span>}
							</div>
						</li>
					)
				})}
			</ul>
		</section>
	)
}
