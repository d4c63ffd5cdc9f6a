import { Plus, Trash2, TriangleAlert } from 'lucide-react'
import { isolated } from '../../../ui/words.ts'
import { setField, stillMissing, useNewRun } from '../newRunStore.ts'
import { listAt, textAt, valueAt, type Draft } from '../recipe/fields.ts'
import { differenceOfLabels, manyInWords, type Known } from '../recipe/words.ts'
import { NumberField, SelectField, TextField } from './fields.tsx'
import { sentence, useProblems } from './problems.ts'

/** As many as a recipe may have. */
const MOST_TEACHERS = 8

/** Networks that the student learns from, with their shares. */
export function TeachersFields({ draft, known, labels }: { draft: Draft; known: Known; labels: readonly string[] | null }) {
	const teachers = listAt(draft, 'teachers')
	const problems = useProblems('teachers')
	const packs = known.packs.toSorted((a, b) => Number(b.manifest.role === 'teacher') - Number(a.manifest.role === 'teacher'))
	const fits = ({ manifest }: (typeof packs)[number]) => labels === null || differenceOfLabels(manifest.labels.map(({ name }) => name), labels) === ''
	const next = packs.find((pack) => fits(pack) && !teachers.some((teacher) => textAt(teacher, 'pack') === pack.manifest.id)) ?? packs[0]
	return (
		<>
			<p className="muted">A teacher answers the same images, and the student learns its answers beside the truth. Its labels must be those of the images.</p>
			{problems.length > 0 && <p className="new-run-fault">{problems.map(sentence).join(' ')}</p>}
			<ul className="new-run-list" aria-label="Teachers">
				{teachers.map((teacher, index) => <Teacher key={index} index={index} teacher={teacher} draft={draft} known={{ ...known, packs }} labels={labels} />)}
			</ul>
			<div>
				<button disabled={!next || teachers.length >= MOST_TEACHERS} onClick={() => next && setField('teachers', [...teachers, { from: 'pack', pack: next.manifest.id }])}><Plus aria-hidden />Add a teacher</button>
			</div>
		</>
	)
}

function Teacher({ index, teacher, draft, known: { packs }, labels }: { index: number; teacher: unknown; draft: Draft; known: Known; labels: readonly string[] | null }) {
	const missing = useNewRun((state) => state.missing)
	const field = `teachers[${index}]`
	const isMissing = stillMissing(draft, missing).some((own) => own.field === `${field}.pack`)
	const pack = packs.find(({ manifest }) => manifest.id === textAt(teacher, 'pack'))
	const difference = pack && labels ? differenceOfLabels(pack.manifest.labels.map(({ name }) => name), labels) : ''
	const alone = listAt(draft, 'teachers').length === 1
	return (
		<li className="new-run-item" aria-label={`Teacher ${index + 1}`}>
			{isMissing && <p className="new-run-missing wide"><TriangleAlert aria-hidden />The template learns from {isolated(textAt(teacher, 'pack'))}, which is not among the models. Choose another, or remove it.</p>}
			{valueAt(teacher, 'from') === 'onnx' ? <TextField field={`${field}.file`} label="ONNX file" required /> : (
				<SelectField field={`${field}.pack`} label={`Teacher ${index + 1}`} usual="" options={packs.map(({ manifest }) => [manifest.id, `${manifest.title} (${manifest.id}), ${manifest.role}`])} />
			)}
			{!alone && <NumberField field={`${field}.share`} label="Share of its say" usual={1} />}
			<button className="quiet icon" aria-label={`Remove teacher ${index + 1}`} title="Remove" onClick={() => setField('teachers', without(listAt(draft, 'teachers'), index))}><Trash2 aria-hidden /></button>
			{pack && difference === '' && <p className="muted wide">{manyInWords(pack.manifest.parameters)} parameters; answers <bdi>{pack.manifest.labels.map(({ name }) => name).join(', ')}</bdi>.</p>}
			{difference !== '' && <p className="new-run-missing wide"><TriangleAlert aria-hidden />{difference} A run with this teacher cannot begin.</p>}
		</li>
	)
}

function without(teachers: readonly unknown[], index: number): unknown[] | undefined {
	return teachers.length === 1 ? undefined : teachers.toSpliced(index, 1)
}
