import { Undo2 } from 'lucide-react'
import { domainSchema, type ModelEntry, type ReadyModel } from '../../../common/contract/model.ts'
import type { Decisions } from '../../../common/contract/promotion.ts'
import { KIND_TITLES } from '../../../common/text/kindsOfImage.ts'
import { startRollBack } from './promotionStore.ts'
import { modelName } from './promotionWords.ts'

/** The students and teachers that are asked now. */
export function selectedOf(models: readonly ModelEntry[], role: 'student' | 'teacher'): ReadyModel[] {
	return models.filter((entry): entry is ReadyModel => entry.state === 'ready' && entry.selected && entry.manifest.role === role)
}

/** Which model reads which kind of image, and the ways back to those before. */
export function ReadsNow({ models, decisions }: { models: readonly ModelEntry[]; decisions: Decisions }) {
	const students = selectedOf(models, 'student')
	const teachers = selectedOf(models, 'teacher')
	return (
		<section aria-label="Reads now">
			<h2>Reads now</h2>
			<table className="chart-table numbers">
				<thead><tr><th scope="col">Kind of image</th><th scope="col">Model</th><th scope="col">Version</th><th scope="col">SHA-256</th></tr></thead>
				<tbody>
					{domainSchema.options.map((domain) => {
						const student = students.find(({ manifest }) => manifest.domain === domain)
						return student ? <ModelRow key={domain} what={KIND_TITLES[domain]} manifest={student.manifest} /> : <tr key={domain}><th scope="row">{KIND_TITLES[domain]}</th><td colSpan={3}>No student reads them: see Models.</td></tr>
					})}
					{teachers.map(({ manifest }) => <ModelRow key={manifest.id} what="Second opinion" manifest={manifest} />)}
				</tbody>
			</table>
			{decisions.rollbacks.map(({ decisionId, role, to, reason }) => {
				const title = to ? `Roll back to ${modelName(to)}` : role === 'teacher' ? 'Roll back to no second opinion' : 'Roll back'
				return (
					<div key={decisionId} className="promotion-back">
						<button disabled={reason !== ''} aria-describedby={reason === '' ? undefined : `promotion-no-way-back-${decisionId}`} onClick={() => startRollBack(decisionId)} title={title}><Undo2 aria-hidden /><span className="cut">{title}</span></button>
						{reason !== '' && <p id={`promotion-no-way-back-${decisionId}`} className="promotion-why">No rollback: {reason}</p>}
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
