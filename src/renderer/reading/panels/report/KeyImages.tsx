import { useEffect, useId } from 'react'
import type { Analysis } from '../../../../common/contract/analysis.ts'
import { routes } from '../../../../common/contract/procedures.ts'
import type { KeyImage } from '../../../../common/contract/report.ts'
import { useNotices } from '../../../app/notices.ts'
import { measurementKey, useFaithfulness, verdictOf, verdictOn, verdictWords, type Verdict } from '../../map/faithfulness.ts'
import { useOverlayOn } from '../../map/overlay.ts'
import { useReading } from '../../readingStore.ts'
import { faithfulness } from '../live.ts'
import { useActiveImage } from '../useActive.ts'
import type { DraftKeeper } from './draftKeeper.ts'
import { keyImageOf, mapFault, MOST_KEY_IMAGES, thumbnailTransform } from './keyImages.ts'

function Thumbnail({ image, title }: { image: KeyImage; title: string }) {
	return (
		<div className="thumbnail">
			<img src={routes.thumbnail(image.instanceId)} alt={title} style={{ transform: thumbnailTransform(image), filter: image.invert ? 'invert(1)' : undefined }} />
		</div>
	)
}

function mapTitle({ map }: KeyImage, analyses: Analysis[]): string {
	if (!map) return 'Without a map'
	const analysis = analyses.find(({ id }) => id === map.analysisId)
	const title = analysis?.prediction.labels.find(({ name }) => name === map.label)?.title ?? map.label
	return `With the ${analysis?.role === 'teacher' ? 'teacher\'s map' : 'map'} of ${title}`
}

/** How far the map of a key image may be trusted, asked for where this window does not know it yet: the report says it too. */
function MapVerdict({ map: { analysisId, label, layer } }: { map: NonNullable<KeyImage['map']> }) {
	// Key images are made of the maps that the window shows.
	const key = measurementKey({ analysisId, label, layer, mode: 'paper' })
	const measurement = useFaithfulness((state) => state.measurements[key])
	const isAsked = measurement !== undefined
	useEffect(() => {
		if (!isAsked) void faithfulness.measure({ analysisId, label, layer, mode: 'paper' })
	}, [isAsked, analysisId, label, layer])
	const verdict = verdictOf(measurement)
	return <span className={verdict === 'no better than chance' ? 'warning-text note' : 'muted note'}>{wordsInReport(verdict)}</span>
}

function wordsInReport(verdict: Verdict): string {
	const words = verdictWords(verdict)
	return `${words.charAt(0).toUpperCase()}${words.slice(1)}`
}

/** The views that go into the report. */
export function KeyImages({ keeper }: { keeper: DraftKeeper }) {
	const images = keeper.store((state) => state.text.keyImages)
	const analyses = useReading((state) => state.study?.analyses)
	const overlay = useOverlayOn(useReading((state) => state.active))
	const look = useReading((state) => state.mapLook)
	const measurements = useFaithfulness((state) => state.measurements)
	const view = useReading((state) => state.filmViews[state.active] ?? null)
	const active = useActiveImage()
	const noteId = useId()
	const fault = active ? mapFault(overlay) : 'No image is open.'
	const isDoubtful = fault === '' && overlay?.kind === 'map' && verdictOn(overlay.map, measurements) === 'no better than chance'
	const isFull = images.length >= MOST_KEY_IMAGES

	function add(withMap: boolean): void {
		if (active && !isFull) keeper.edit({ keyImages: [...keeper.store.getState().text.keyImages, keyImageOf(active, view, overlay, look, withMap)] })
	}

	function caption(index: number, text: string): void {
		keeper.edit({ keyImages: keeper.store.getState().text.keyImages.map((image, at) => (at === index ? { ...image, caption: text } : image)) })
	}

	function remove(index: number): void {
		const removed = images[index]
		if (!removed) return
		keeper.edit({ keyImages: images.filter((_, at) => at !== index) })
		useNotices.getState().show({
			level: 'info',
			message: `Key image ${index + 1} removed from the draft.`,
			action: {
				title: 'Undo',
				run: () => keeper.edit({ keyImages: keeper.store.getState().text.keyImages.toSpliced(index, 0, removed).slice(0, MOST_KEY_IMAGES) }),
			},
		})
	}

	return (
		<section className="panel-group" aria-label="Key images">
			<h3 className="panel-heading">Key images</h3>
			<div className="button-line">
				<button type="button" className="small" disabled={!active || isFull} onClick={() => add(false)}>Add current view</button>
				<button type="button" className="small" disabled={fault !== '' || isFull} aria-describedby={fault === '' ? undefined : noteId} onClick={() => add(true)}>
					Add current view with map
				</button>
			</div>
			{(fault !== '' || isFull) && <p className="muted note" id={noteId}>{isFull ? `A report holds ${MOST_KEY_IMAGES} key images.` : fault}</p>}
			{isDoubtful && !isFull && <p className="warning-text note">This map is no better than chance. In the report it is marked as such.</p>}
			{images.length > 0 && (
				<ol className="key-images" aria-label="Key images">
					{images.map((image, index) => (
						// The same view may be there twice: only the place tells them apart.
						<li key={`${index}-${image.instanceId}-${image.frameIndex}`} className="key-image">
							<Thumbnail image={image} title={`Key image ${index + 1}`} />
							<div className="key-image-text">
								<input
									type="text" dir="auto" maxLength={400} aria-label={`Caption of key image ${index + 1}`} placeholder="Caption" value={image.caption}
									onChange={(event) => caption(index, event.target.value)} onBlur={() => void keeper.flush()}
								/>
								<div className="section-line">
									<span className={image.map ? 'tag network cut' : 'muted note cut'} title={mapTitle(image, analyses ?? [])}>{mapTitle(image, analyses ?? [])}</span>
									<button type="button" className="quiet small" aria-label={`Remove key image ${index + 1}`} onClick={() => remove(index)}>Remove</button>
								</div>
								{image.map && <MapVerdict map={image.map} />}
							</div>
						</li>
					))}
				</ol>
			)}
		</section>
	)
}
