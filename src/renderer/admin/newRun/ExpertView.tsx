import { useContext, useRef } from 'react'
import { discardText, shownText, useNewRun, writeText } from './newRunStore.ts'
import { Problems, sentence } from './form/problems.ts'
import { lineAt, placeOf, readText } from './recipe/jsonText.ts'

/** The recipe as JSON, with what is wrong of it by field and line. */
export function ExpertView() {
	const { draft, text } = useNewRun()
	const area = useRef<HTMLTextAreaElement>(null)
	const problems = useContext(Problems)
	const shown = shownText({ draft, text })
	const read = readText(shown)
	const faults = 'fault' in read ? [] : problems.map((problem) => {
		const place = placeOf(shown, problem.field)
		return { problem, place, line: lineAt(shown, place) }
	})

	function goTo(place: number): void {
		const element = area.current
		if (!element) return
		const end = shown.indexOf('\n', place)
		element.focus()
		element.setSelectionRange(place, end < 0 ? shown.length : end)
		// A browser scrolls to a selection only when something is typed.
		const lines = shown.split('\n').length
		element.scrollTop = Math.max(0, (element.scrollHeight * (lineAt(shown, place) - 1)) / lines - element.clientHeight / 3)
	}
	return (
		<div className="new-run-expert">
			<textarea
				ref={area} aria-label="Recipe as JSON" aria-describedby="new-run-json-faults" aria-invalid={'fault' in read || faults.length > 0 || undefined} spellCheck={false} autoComplete="off" value={shown}
				onChange={(event) => writeText(event.target.value)}
			/>
			<div id="new-run-json-faults" className="new-run-json-faults" role="status">
				{'fault' in read ? (
					<>
						<p className="new-run-fault">It is no JSON{read.line > 0 ? `, line ${read.line}` : ''}: {read.fault} The form keeps the recipe as it was before.</p>
						<div className="new-run-row">
							{read.line > 0 && <button onClick={() => goTo(startOf(shown, read.line))}>Go to line {read.line}</button>}
							<button onClick={discardText}>Take the form's recipe back</button>
						</div>
					</>
				) : faults.length === 0 ? <p className="muted">It is a recipe. What its fields mean is in docs/training.md.</p> : (
					<ul aria-label="Problems">
						{faults.map(({ problem, place, line }, index) => (
							<li key={index}><button className="quiet new-run-problem" onClick={() => goTo(place)}><span className="numbers muted">Line {line}</span><span>{sentence(problem)}</span></button></li>
						))}
					</ul>
				)}
			</div>
		</div>
	)
}

function startOf(text: string, line: number): number {
	return text.split('\n').slice(0, line - 1).reduce((sum, own) => sum + own.length + 1, 0)
}
