import { Plus, Trash2 } from 'lucide-react'
import { useEffect } from 'react'
import { nameNetworks, networksOf, useLooks } from '../jobs.ts'
import { setField } from '../newRunStore.ts'
import { listAt, textAt, valueAt, type Draft } from '../recipe/fields.ts'
import { taskOf } from '../recipe/images.ts'
import { fittingKinds, LOSSES, lossesOf, lossPresets, type LayerNames } from '../recipe/losses.ts'
import { COMPARES_LAYERS, isLossKind, usualLoss } from '../recipe/usual.ts'
import { teacherName, type Known } from '../recipe/words.ts'
import { CheckField, NumberField, SelectField } from './fields.tsx'
import { sentence, useProblems } from './problems.ts'

/** What a number of a loss is called. */
const NUMBERS: Record<string, string> = {
	weight: 'Weight', temperature: 'Temperature', labelSmoothing: 'Label smoothing', gamma: 'Gamma', alpha: 'Alpha', beta: 'Beta', warmUpEpochs: 'Epochs until its full weight',
	share: 'Share', lambda: 'Lambda', distanceWeight: 'Weight of distances', angleWeight: 'Weight of angles',
}

/** What is minimised. */
export function LossesFields({ draft, known, classes }: { draft: Draft; known: Known; classes: number }) {
	const task = taskOf(draft)
	const teachers = listAt(draft, 'teachers')
	const own = valueAt(draft, 'losses')
	const problems = useProblems('losses')
	const networks = useLooks((state) => state.networks)
	const wanted = networksOf(draft, classes)
	useEffect(() => {
		// Only layers of a teacher can be compared.
		if (teachers.length > 0) void nameNetworks(draft, classes)
	})
	if (task === null) return <p className="muted">Choose images first: which losses there are depends on their labels.</p>
	const layersOf = (teacher: number): LayerNames | null => {
		const student = networks.of === wanted ? networks.result?.student : undefined
		const other = networks.of === wanted ? networks.result?.teachers[teacher] : undefined
		return student && other && 'layers' in student && 'layers' in other ? { student: student.layers.map(({ name }) => name), teacher: other.layers.map(({ name }) => name) } : null
	}
	const presets = lossPresets(task, teachers.length, layersOf(0))
	const chosen = presets.find(({ losses }) => JSON.stringify(losses) === JSON.stringify(own))?.id ?? 'own'
	const kinds = fittingKinds(task, teachers.length)
	return (
		<>
			<div className="new-run-presets" role="group" aria-label="What it learns from">
				{presets.map(({ id, title, losses }) => <button key={id} aria-pressed={chosen === id} onClick={() => setField('losses', losses)}>{title}</button>)}
				<button aria-pressed={chosen === 'own'} disabled={own !== undefined} title={own === undefined ? 'The same losses, written down so that they can be changed' : undefined} onClick={() => setField('losses', lossesOf(draft, task))}>Losses of your own</button>
			</div>
			{teachers.length > 0 && networks.jobId !== null && <p className="muted" role="status">Looking at the layers of the networks…</p>}
			{problems.length > 0 && <p className="new-run-fault">{problems.map(sentence).join(' ')}</p>}
			{own === undefined ? (
				<p className="muted">{lossesOf(draft, task)?.map((loss) => `${LOSSES[loss.kind].title}: ${LOSSES[loss.kind].what}`).join('. ')}.</p>
			) : (
				<>
					<ul className="new-run-list" aria-label="Losses">
						{listAt(draft, 'losses').map((loss, index) => (
							<Loss
								key={index} index={index} loss={loss} kinds={kinds} teachers={teachers.map((teacher) => teacherName(teacher, known.packs))}
								layers={layersOf(Number(valueAt(loss, 'teacher') ?? 0))} onRemove={listAt(draft, 'losses').length > 1 ? () => setField('losses', listAt(draft, 'losses').toSpliced(index, 1)) : null}
							/>
						))}
					</ul>
					<div><button onClick={() => setField('losses', [...listAt(draft, 'losses'), { kind: kinds[0] ?? 'cross-entropy' }])}><Plus aria-hidden />Add a loss</button></div>
				</>
			)}
		</>
	)
}

function Loss({ index, loss, kinds, teachers, layers, onRemove }: { index: number; loss: unknown; kinds: readonly string[]; teachers: readonly string[]; layers: LayerNames | null; onRemove: (() => void) | null }) {
	const field = `losses[${index}]`
	const kind = valueAt(loss, 'kind')
	const usual: [string, unknown][] = isLossKind(kind) ? Object.entries(usualLoss(kind)) : []
	const pairs = listAt(loss, 'layers')
	return (
		<li className="new-run-item" aria-label={`Loss ${index + 1}`}>
			<SelectField
				field={`${field}.kind`} label={`Loss ${index + 1}`} usual="" options={kinds.filter(isLossKind).map((own) => [own, LOSSES[own].title])} hint={isLossKind(kind) ? LOSSES[kind].what : ''}
				onChoose={(chosen) => setField(field, { kind: chosen, ...(isLossKind(chosen) && COMPARES_LAYERS.has(chosen) ? { layers: firstPair(layers) } : {}) })}
			/>
			{usual.filter(([key, value]) => typeof value === 'number' && key !== 'teacher').map(([key, value]) => <NumberField key={key} field={`${field}.${key}`} label={NUMBERS[key] ?? key} usual={Number(value)} />)}
			{usual.some(([key]) => key === 'teacher') && teachers.length > 1 && (
				<div className="field">
					<label htmlFor={`${field}-teacher`}>Of teacher</label>
					<select id={`${field}-teacher`} data-field={`${field}.teacher`} value={String(valueAt(loss, 'teacher') ?? 0)} onChange={(event) => setField(`${field}.teacher`, Number(event.target.value))}>
						{teachers.map((name, place) => <option key={place} value={place}>{name}</option>)}
					</select>
				</div>
			)}
			{onRemove && <button className="quiet icon" aria-label={`Remove loss ${index + 1}`} title="Remove" onClick={onRemove}><Trash2 aria-hidden /></button>}
			{usual.some(([key]) => key === 'standardise') && <div className="wide"><CheckField field={`${field}.standardise`} label="Answers as z-scores over the classes" usual={false} /></div>}
			{isLossKind(kind) && COMPARES_LAYERS.has(kind) && (
				<div className="wide new-run-pairs">
					{pairs.map((pair, place) => (
						<div key={place} className="new-run-row">
							<LayerField field={`${field}.layers[${place}].student`} label="Layer of the student" names={layers?.student} value={textAt(pair, 'student')} />
							<LayerField field={`${field}.layers[${place}].teacher`} label="Layer of the teacher" names={layers?.teacher} value={textAt(pair, 'teacher')} />
							<button className="quiet icon" aria-label={`Remove pair ${place + 1}`} title="Remove" disabled={pairs.length === 1} onClick={() => setField(`${field}.layers`, pairs.toSpliced(place, 1))}><Trash2 aria-hidden /></button>
						</div>
					))}
					<div><button onClick={() => setField(`${field}.layers`, [...pairs, ...firstPair(layers)])}><Plus aria-hidden />Add a pair of layers</button></div>
				</div>
			)}
		</li>
	)
}

/** The last layers of both. */
function firstPair(layers: LayerNames | null): { student: string; teacher: string }[] {
	return [{ student: layers?.student.at(-1) ?? '', teacher: layers?.teacher.at(-1) ?? '' }]
}

function LayerField({ field, label, names, value }: { field: string; label: string; names: readonly string[] | undefined; value: string }) {
	return <SelectField field={field} label={label} usual={value} options={(names ?? []).map((name) => [name, name] as const)} />
}
