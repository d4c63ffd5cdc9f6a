import { TriangleAlert } from 'lucide-react'
import { useEffect, useId, useRef, useState } from 'react'
import { count, isolated } from '../../../ui/words.ts'
import { cancelLook, searchStudent, useLooks } from '../jobs.ts'
import { change, loadZoo, setField, stillMissing, useNewRun } from '../newRunStore.ts'
import { progressInWords } from '../preflightWords.ts'
import { withStudent } from '../recipe/begin.ts'
import { textAt, valueAt, type Draft } from '../recipe/fields.ts'
import { USUAL } from '../recipe/usual.ts'
import { differenceOfLabels, manyInWords, type Known } from '../recipe/words.ts'
import { NumberField, SelectField, TextField } from './fields.tsx'
import { sentence, useProblems } from './problems.ts'

const KINDS = [
	['pack', 'Go on with a model', 'Its weights are where the run begins. Minutes to hours.'],
	['zoo', 'A network of the zoo', 'From values drawn at random, or from a file of weights. Hours to days.'],
	['ofa', 'Build one for this machine', 'The best network that answers within so many milliseconds here.'],
	['onnx', 'A network in a file', 'Any ONNX classifier with weights that can be trained.'],
] as const

/** The network that is trained. */
export function StudentFields({ draft, known, labels }: { draft: Draft; known: Known; labels: readonly string[] | null }) {
	const id = useId()
	const from = valueAt(draft, 'student.from')
	// Arrows go through all kinds: what was chosen of one is there again when they come back.
	const chosen = useRef(new Map<string, Record<string, unknown>>())
	function choose(kind: string): void {
		const own = valueAt(draft, 'student')
		if (typeof from === 'string' && typeof own === 'object' && own !== null) chosen.current.set(from, { ...own })
		change((before) => withStudent(before, chosen.current.get(kind) ?? firstOf(kind, known)))
	}
	const problems = useProblems('student').concat(useProblems('student.from'))
	const kinds = from === 'lungs' ? ([['lungs', 'The network that marks the lungs', 'For films with masks.']] as const) : KINDS
	return (
		<>
			<fieldset className="new-run-kinds">
				<legend className="visually-hidden">Student</legend>
				{kinds.map(([kind, title, what]) => (
					<label key={kind} className="new-run-kind">
						<input type="radio" name={id} checked={from === kind} onChange={() => choose(kind)} />
						<span className="new-run-kind-title">{title}</span>
						<span className="muted">{what}</span>
					</label>
				))}
			</fieldset>
			{problems.length > 0 && <p className="new-run-fault">{problems.map(sentence).join(' ')}</p>}
			{from === 'pack' && <PackChoice draft={draft} known={known} labels={labels} />}
			{from === 'zoo' && <ZooChoice draft={draft} known={known} />}
			{from === 'ofa' && <StudentBuilder draft={draft} classes={labels?.length ?? 2} />}
			{from === 'onnx' && (
				<div className="new-run-fields">
					<TextField field="student.file" label="ONNX file" required wide />
					<TextField field="student.title" label="Name of its architecture" usual="The file's name" />
				</div>
			)}
			{(from === 'zoo' || from === 'ofa') && <Weights draft={draft} />}
			<InputFields draft={draft} known={known} />
		</>
	)
}

function firstOf(kind: string, { packs }: Known): Record<string, unknown> {
	switch (kind) {
		case 'zoo': return { from: 'zoo', name: 'eeea-net-c2' }
		case 'ofa': return { from: 'ofa', depths: [2, 2, 2, 2, 2], kernels: Array.from({ length: 10 }, () => 3), expands: Array.from({ length: 10 }, () => 3), width: 1 }
		case 'onnx': return { from: 'onnx', file: '' }
		default: return { from: 'pack', pack: packs.find(({ selected, manifest }) => selected && manifest.role === 'student')?.manifest.id ?? packs[0]?.manifest.id ?? '' }
	}
}

function PackChoice({ draft, known: { packs }, labels }: { draft: Draft; known: Known; labels: readonly string[] | null }) {
	const pack = packs.find(({ manifest }) => manifest.id === textAt(draft, 'student.pack'))
	const difference = pack && labels ? differenceOfLabels(pack.manifest.labels.map(({ name }) => name), labels) : ''
	return (
		<div className="new-run-fields">
			<SelectField field="student.pack" label="Model" usual="" wide options={packs.map(({ manifest }) => [manifest.id, `${manifest.title} (${manifest.id})`])} />
			{pack && <p className="muted wide">{manyInWords(pack.manifest.parameters)} parameters{pack.manifest.macs ? `, ${manyInWords(pack.manifest.macs)} multiply-accumulates for an image` : ''}, {pack.manifest.input.width} x {pack.manifest.input.height} pixels.</p>}
			{difference !== '' && <p className="new-run-missing wide"><TriangleAlert aria-hidden />{difference} Its last layer is learned anew.</p>}
		</div>
	)
}

function ZooChoice({ draft, known: { zoo } }: { draft: Draft; known: Known }) {
	const id = useId()
	useEffect(() => void loadZoo(), [])
	if (zoo.length === 0) return <p className="muted" role="status">Counting the networks…</p>
	return (
		<table className="new-run-zoo numbers">
			<caption className="visually-hidden">Networks of the zoo</caption>
			<thead><tr><th scope="col">Network</th><th scope="col">Parameters</th><th scope="col">Multiply-accumulates for an image</th></tr></thead>
			<tbody>
				{zoo.map(({ name, title, parameters, macs, size }) => (
					<tr key={name}>
						<th scope="row">
							<label className="new-run-check">
								<input type="radio" name={id} data-field="student.name" checked={valueAt(draft, 'student.name') === name} onChange={() => setField('student.name', name)} />
								<span>{title}</span>
							</label>
						</th>
						<td>{manyInWords(parameters)}</td>
						<td>{manyInWords(macs)} at {size} pixels</td>
					</tr>
				))}
			</tbody>
		</table>
	)
}

function Weights({ draft }: { draft: Draft }) {
	const missing = useNewRun((state) => state.missing)
	const isMissing = stillMissing(draft, missing).some(({ field }) => field === 'student.weights')
	return (
		<>
			{isMissing && (
				<p className="new-run-missing">
					<TriangleAlert aria-hidden />
					<span>The template begins with {isolated(textAt(draft, 'student.weights'))}, which is not there.</span>
					<button onClick={() => setField('student.weights', undefined)}>Begin without it</button>
				</p>
			)}
			<div className="new-run-fields"><TextField field="student.weights" label="File of first weights" usual="Values drawn at random" wide hint="Safetensors or ONNX, with the names of torchvision, timm or once-for-all." /></div>
		</>
	)
}

/** Milliseconds that somebody at the desk hardly notices. */
const USUAL_BUDGET = '20'

/** Milliseconds that a student may take, and the search for the best one that does not take more. */
function StudentBuilder({ draft, classes }: { draft: Draft; classes: number }) {
	const { jobId, progress, result, fault, of } = useLooks((state) => state.search)
	const [budget, setBudget] = useState(of || USUAL_BUDGET)
	const milliseconds = Number(budget)
	const isPossible = milliseconds > 0 && milliseconds <= 1e6
	const isChosen = result !== null && JSON.stringify(valueAt(draft, 'student.depths')) === JSON.stringify(result.student.depths) && JSON.stringify(valueAt(draft, 'student.kernels')) === JSON.stringify(result.student.kernels)
	return (
		<div className="new-run-builder">
			<form
				className="new-run-row"
				onSubmit={(event) => {
					event.preventDefault()
					if (isPossible && jobId === null) void searchStudent(milliseconds, classes)
				}}
			>
				<label className="field">
					<span>Milliseconds for an image</span>
					<input className="numbers" inputMode="decimal" value={budget} onChange={(event) => setBudget(event.target.value)} />
				</label>
				<button type="submit" disabled={!isPossible || jobId !== null}>Search</button>
				{jobId !== null && <button type="button" onClick={() => cancelLook('search')}>Cancel the search</button>}
			</form>
			{jobId !== null && (
				<div className="new-run-progress">
					<progress aria-label="Search for a student" max={1} value={progress && progress.of > 0 ? progress.done / progress.of : undefined} />
					<span className="numbers" role="status">{progress ? progressInWords(progress) : 'The search begins'}</span>
				</div>
			)}
			{jobId === null && fault !== '' && <p className="new-run-fault" role="alert">{fault}</p>}
			{jobId === null && result && isChosen && (
				<p role="status">
					Found: {manyInWords(result.parameters)} parameters, {manyInWords(result.macs)} multiply-accumulates, images of {result.size} pixels; measured here {result.milliseconds.measured.toFixed(1)} ms for an image.
				</p>
			)}
			{jobId === null && !isChosen && fault === '' && <p className="muted">{valueAt(draft, 'student.depths') ? `A network with ${count((valueAt(draft, 'student.kernels') as unknown[] | undefined)?.length ?? 0, 'block')} stands in the recipe. A search puts the best one for the time in its place; the first search measures this machine, which takes minutes.` : ''}</p>}
		</div>
	)
}

/** What the network is shown of each image. */
function InputFields({ draft, known: { packs } }: { draft: Draft; known: Known }) {
	const input = packs.find(({ manifest }) => manifest.id === textAt(draft, 'student.pack') && valueAt(draft, 'student.from') === 'pack')?.manifest.input
	const region = valueAt(draft, 'input.region')
	const shown = region === undefined ? 'usual' : region === null ? 'whole' : String(valueAt(region, 'of'))
	const partOf = input ? (input.region ? 'the lungs' : 'the whole film') : 'the whole film'
	const id = useId()
	const problems = useProblems('input.region', false)
	return (
		<div className="new-run-fields">
			<NumberField field="input.size" label="Side of its images, in pixels" usual={input?.height ?? 224} />
			<SelectField field="input.colour" label="Colour" usual={input?.colour ?? 'grey'} options={[['grey', 'Grey'], ['rgb', 'Colour']]} />
			<div className="field">
				<label htmlFor={id}>Part of the film</label>
				<select
					id={id} data-field="input.region" value={shown} aria-invalid={problems.length > 0 || undefined}
					onChange={({ target: { value } }) => setField('input.region', value === 'usual' ? undefined : value === 'whole' ? null : { of: value, margin: 0.08 })}
				>
					<option value="usual">Usual: {partOf}</option>
					<option value="whole">All of it</option>
					<option value="lungs">The lungs</option>
					<option value="background">All but the lungs (no reader)</option>
				</select>
				{problems.length > 0 && <span className="new-run-fault">{problems.map(sentence).join(' ')}</span>}
			</div>
			<SelectField
				field="normalisation" label="Batch normalisation" usual={USUAL.normalisation}
				options={[['batch', 'By each batch'], ['frozen', 'Stays as it is: faster, for small batches'], ['restored', 'Given back to a folded network']]}
			/>
		</div>
	)
}
