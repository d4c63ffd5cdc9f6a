import { Undo2 } from 'lucide-react'
import type { ModelEntry, ReadyModel } from '../../../common/contract/model.ts'
import type { Decisions } from '../../../common/contract/promotion.ts'
import { startRollBack } from './promotionStore.ts'
import { KIND_TITLES, modelName } from './promotionWords.ts'

/** The students and teachers that are asked now. */
export function selectedOf(models: readonly ModelEntry[], role: 'student' | 'teacher'): ReadyModel[] {
	return models.filter((entry): entry is ReadyModel => entry.state === 'ready' && entry.selected && entry.manifest.role === role)
}

/** A student that somebody chose is asked about every kind of image; else each is asked about its own. */
function isChosen(models: readonly ModelEntry[], students: readonly ReadyModel[]): boolean {
	const kinds = new Set(models.flatMap((entry) => (entry.state === 'ready' && entry.origin === 'built-in' && entry.manifest.role === 'student' ? [entry.manifest.domain] : [])))
	return students.length === 1 && (kinds.size > 1 || students[0]?.origin === 'user')
}

/** Which model reads which kind of image, and the way back to the one before. */
export function ReadsNow({ models, decisions }: { models: readonly ModelEntry[]; decisions: Decisions }) {
	const students = selectedOf(models, 'student')
	const teachers = selectedOf(models, 'teacher')
	const chosen = isChosen(models, students)
	const roles = (['student', 'teacher'] as const).filter((role) => decisions.rollback[role])
	return (
		<section aria-label="Reads now">
			<h2>Reads now</h2>
			<table className="chart-table numbers">
				<thead><tr><th scope="col">Kind of image</th><th scope="col">Model</th><th scope="col">Version</th><th scope="col">SHA-256</th></tr></thead>
				<tbody>
					{students.map(({ manifest }) => <ModelRow key={manifest.id} what={chosen ? 'Every kind' : KIND_TITLES[manifest.domain]} manifest={manifest} />)}
					{students.length === 0 && <tr><th scope="row">Every kind</th><td colSpan={3}>No student can be used: see Models.</td></tr>}
					{teachers.map(({ manifest }) => <ModelRow key={manifest.id} what="Second opinion" manifest={manifest} />)}
				</tbody>
			</table>
			{roles.map((role) => {
				const { to, reason } = decisions.rollback[role] ?? { to: null, reason: '' }
				const title = to ? `Roll back to ${modelName(to)}` : role === 'teacher' ? 'Roll back to no second opinion' : 'Roll back'
				return (
					<div key={role} className="promotion-back">
						<button disabled={reason !== ''} aria-describedby={reason === '' ? undefined : `promotion-no-way-back-${role}`} onClick={() => startRollBack(role)} title={title}><Undo2 aria-hidden /><span className="cut">{title}</span></button>
						{reason !== '' && <p id={`promotion-no-way-back-${role}`} className="promotion-why">No rollback: {reason}</p>}
					</div>
				)
			})}
		</section>
	)
}

function ModelRow({ what, manifest: { title, version, sha256 } }: { what: string; manifest: ReadyModel['manifest'] }) {
	return (
		<tr>
			<th scope="row">{what}</th>
			<td title={title} className="promotion-name"><span className="cut" dir="auto">{title}</span></td>
			<td>{version}</td>
			<td title={sha256}>{sha256.slice(0, 12)}</td>
		</tr>
	)
}
