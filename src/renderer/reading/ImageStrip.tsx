import { useState } from 'react'
import { routes } from '../../common/contract/procedures.ts'
import type { Instance, Series, Study } from '../../common/contract/study.ts'
import { useNavigation } from '../app/navigation.ts'
import { useReading } from './readingStore.ts'
import { lateralityInWords } from './studyOnTheLightBox.ts'

/** The images of the study by series, then the patient's other studies. */
export function ImageStrip({ study }: { study: Study }) {
	return (
		<nav className="strip" aria-label="Images">
			{study.series.map((series) => (
				<section key={series.id} aria-label={`Series ${seriesTitle(series)}`}>
					<h2 className="panel-heading cut" title={seriesTitle(series)}><bdi>{seriesTitle(series)}</bdi></h2>
					{series.instances.map((instance, index) => <Thumbnail key={instance.id} instance={instance} name={`Image ${instance.instanceNumber ?? index + 1} of series ${seriesTitle(series)}`} />)}
				</section>
			))}
			{study.others.length > 0 && (
				<section aria-label="Other studies of this patient">
					<h2 className="panel-heading">Other studies</h2>
					{study.others.map((other) => (
						<button key={other.studyId} className="quiet strip-other" title={[other.date, other.modality, other.description].filter((part) => part !== '').join(', ')} onClick={() => useNavigation.getState().openStudy(other.studyId)}>
							<span className="numbers">{other.date || 'No date'}</span>
							<span className="cut muted"><bdi>{other.description || other.modality || 'Study'}</bdi></span>
						</button>
					))}
				</section>
			)}
		</nav>
	)
}

function seriesTitle(series: Series): string {
	const parts = [series.modality, series.viewPosition, lateralityInWords(series.laterality), series.description].filter((part) => part !== '')
	return parts.join(' ') || 'Images'
}

function Thumbnail({ instance, name }: { instance: Instance; name: string }) {
	const shownIn = useReading((state) => state.lightBoxes.findIndex((box) => box.instanceId === instance.id))
	const several = useReading((state) => state.lightBoxes.length > 1)
	const [broken, setBroken] = useState(false)
	const isShown = shownIn >= 0
	return (
		<button
			className="quiet strip-image"
			aria-label={name}
			aria-current={isShown ? 'true' : undefined}
			title={[instance.fileName, `${instance.columns} × ${instance.rows}`, ...instance.notes].join('\n')}
			onClick={() => useReading.getState().show(useReading.getState().active, { instanceId: instance.id, frameIndex: 0 })}
		>
			{broken ? <span className="muted strip-broken">No preview</span> : <img src={routes.thumbnail(instance.id)} alt="" draggable={false} loading="lazy" onError={() => setBroken(true)} />}
			{instance.frames > 1 && <span className="strip-frames numbers">{instance.frames} frames</span>}
			{isShown && several && <span className="strip-box numbers">{shownIn + 1}</span>}
		</button>
	)
}
