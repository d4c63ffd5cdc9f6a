import { useEffect } from 'react'
import { nameNetworks, networksOf, useLooks } from '../jobs.ts'
import { change, setField } from '../newRunStore.ts'
import { listAt, textAt, valueAt, withValue, type Draft } from '../recipe/fields.ts'
import { manyInWords } from '../recipe/words.ts'
import { sentence, useProblems } from './problems.ts'

/** What of the student stays as it is. */
export function FreezingFields({ draft, classes }: { draft: Draft; classes: number }) {
	const { result, fault, of, jobId } = useLooks((state) => state.networks)
	const headOnly = valueAt(draft, 'headOnly') === true
	const frozen = listAt(draft, 'optimisation.freeze').filter((pattern) => typeof pattern === 'string')
	const problems = [...useProblems('headOnly', false), ...useProblems('optimisation.freeze', false)]
	useEffect(() => void nameNetworks(draft, classes))
	const student = of === networksOf(draft, classes) ? result?.student : undefined
	const parts = student && 'parts' in student ? student.parts : []
	const isFrozen = (patterns: readonly string[]) => patterns.every((pattern) => frozen.includes(pattern))
	const first = parts.findIndex(({ patterns }) => !isFrozen(patterns))
	const known = new Set(parts.flatMap(({ patterns }) => patterns))
	const others = frozen.filter((pattern) => !known.has(pattern))
	return (
		<>
			<label className="new-run-check">
				<input type="checkbox" data-field="headOnly" checked={headOnly} onChange={(event) => change((own) => withHeadOnly(own, event.target.checked))} />
				<span>Only the last layer learns. Features of the images are computed once, so they are not augmented; minutes.</span>
			</label>
			{problems.length > 0 && <p className="new-run-fault">{problems.map(sentence).join(' ')}</p>}
			{!headOnly && (
				<>
					{jobId !== null && <p className="muted" role="status">Looking at the student…</p>}
					{fault !== '' && <p className="new-run-fault">{fault}</p>}
					{student && 'fault' in student && <p className="new-run-fault">{student.fault}</p>}
					{parts.length > 0 && (
						<>
							<label className="field new-run-first">
								<span>Freeze so many of its {parts.length} parts, from the image on</span>
								<input
									type="number" className="numbers" min={0} max={parts.length - 1} data-field="optimisation.freeze" value={first < 0 ? parts.length : first}
									onChange={(event) => freeze([...others, ...parts.slice(0, Math.max(0, Math.min(parts.length - 1, Number(event.target.value)))).flatMap(({ patterns }) => patterns)])}
								/>
							</label>
							<ul className="new-run-parts" aria-label="Parts of the student">
								{parts.map(({ patterns, parameters }) => (
									<li key={patterns.join(' ')}>
										<label className="new-run-check" title={patterns.join('\n')}>
											<input type="checkbox" checked={isFrozen(patterns)} onChange={(event) => freeze(event.target.checked ? [...frozen, ...patterns] : frozen.filter((pattern) => !patterns.includes(pattern)))} />
											<span className="cut">{patterns[0]}</span>
											<span className="muted numbers">{manyInWords(parameters)}</span>
										</label>
									</li>
								))}
							</ul>
						</>
					)}
					{others.length > 0 && <p className="muted">Also frozen: <bdi>{others.join(', ')}</bdi> <button className="quiet" onClick={() => freeze(frozen.filter((pattern) => known.has(pattern)))}>Take these away</button></p>}
				</>
			)}
		</>
	)
}

function freeze(patterns: readonly string[]): void {
	setField('optimisation.freeze', patterns.length === 0 ? undefined : patterns)
}

/** The last layer alone learns from images that nothing random touches. */
function withHeadOnly(draft: Draft, isWanted: boolean): Draft {
	if (!isWanted) return withValue(textAt(draft, 'augmentation.preset') === 'none' ? withValue(draft, 'augmentation', undefined) : draft, 'headOnly', undefined)
	return withValue(withValue(withValue(withValue(draft, 'headOnly', true), 'augmentation', { preset: 'none' }), 'optimisation.freeze', undefined), 'resizing', undefined)
}
