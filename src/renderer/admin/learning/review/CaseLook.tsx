import { Ban, ExternalLink, Pencil, Undo2, X } from 'lucide-react'
import type { LearningCase } from '../../../../common/contract/learning.ts'
import { routes } from '../../../../common/contract/procedures.ts'
import { useNavigation } from '../../../app/navigation.ts'
import { count, localTime, named } from '../../../ui/words.ts'
import { shareText } from '../../charts/numbers.ts'
import { NarrowFact, NarrowFacts } from '../../Facts.tsx'
import { TilePicture } from '../../tiles/TilePicture.tsx'
import { isCorrected, truthTitle } from '../learningWords.ts'
import { cases } from './casesStore.ts'
import { leaveOut } from './leavingOut.ts'

/** One image, larger, with the network's answer beside the readers' decision, and what can be done with it or with those selected. */
export function CaseLook({ one, selected, onClear }: { one: LearningCase | undefined; selected: number; onClear(): void }) {
	if (!one) return <aside className="sample-look" aria-label="Image"><p className="muted sample-look-none">Choose an image to see what the network said and what readers decided.</p></aside>
	const { instanceId, patientName, patientId, studyId, studyDate, group, model, analysedAt, decidedAt, added, leftOut, labels } = one
	const which = selected === 0 ? 'this image' : count(selected, 'image')
	const name = named(patientName)
	return (
		<aside className="sample-look" aria-label="Image">
			<div className={leftOut ? 'sample-look-picture left-out' : 'sample-look-picture'}><TilePicture key={instanceId} source={routes.thumbnail(instanceId)} alt={`Film of ${name}`} /></div>
			<h2 className="selectable sample-look-id"><bdi>{name}</bdi></h2>
			{selected > 0 && (
				<p className="sample-look-selection numbers">
					<strong>{count(selected, 'image')} selected</strong>
					<button className="quiet" onClick={onClear}><X aria-hidden />Clear selection</button>
				</p>
			)}
			<div className="sample-corrections-row">
				<button disabled={selected === 0 && leftOut} title="Leave out (X)" onClick={() => void leaveOut(cases.targets(), true)}><Ban aria-hidden />Leave out {which}</button>
				<button disabled={selected === 0 && !leftOut} title="Put back (U)" onClick={() => void leaveOut(cases.targets(), false)}><Undo2 aria-hidden />Put back</button>
				<button title="Open at the reading desk (Enter)" onClick={() => useNavigation.getState().openStudy(studyId)}><ExternalLink aria-hidden />Open the study</button>
			</div>
			<table className="chart-table numbers learning-labels" aria-label="Network and readers">
				<thead><tr><th scope="col">Label</th><th scope="col">Network</th><th scope="col">Readers</th></tr></thead>
				<tbody>
					{labels.map((label) => (
						<tr key={label.name}>
							<th scope="row" title={label.title}><span className="cut learning-label"><bdi>{label.title}</bdi></span></th>
							<td>{label.called ? 'Called' : 'Not called'} <span className="muted">{shareText(label.probability)}</span></td>
							<td>{isCorrected(label) && <Pencil size={12} className="learning-corrected" role="img" aria-label="Corrected" />}{label.truth === null ? <span className="muted">{truthTitle(label.truth)}</span> : truthTitle(label.truth)}</td>
						</tr>
					))}
				</tbody>
			</table>
			{added.length > 0 && (
				<section aria-label="Added by readers">
					<h3>Added by readers</h3>
					<ul className="learning-added selectable">{added.map((text) => <li key={text} dir="auto">{text}</li>)}</ul>
				</section>
			)}
			<NarrowFacts>
				<NarrowFact term="Patient">{patientId || 'No number'}</NarrowFact>
				<NarrowFact term="In a data set">{group}</NarrowFact>
				<NarrowFact term="Study">{studyDate || 'No date'}</NarrowFact>
				<NarrowFact term="Decided">{localTime(decidedAt)}</NarrowFact>
				<NarrowFact term="Analysed">{localTime(analysedAt)}</NarrowFact>
				<NarrowFact term="Model">{model.title}, {model.version}, {model.sha256.slice(0, 12)}</NarrowFact>
			</NarrowFacts>
		</aside>
	)
}
