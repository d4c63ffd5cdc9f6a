import { useId } from 'react'
import { routes } from '../../../../common/contract/procedures.ts'
import type { KeyImage } from '../../../../common/contract/report.ts'
import { useNotices } from '../../../app/notices.ts'
import { useReading } from '../../readingStore.ts'
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

function mapTitle(image: KeyImage, title: (label: string) => string): string {
	return image.map ? `With the map of ${title(image.map.label)}` : 'Without a map'
}

/** The views that go into the report. */
export function KeyImages({ keeper }: { keeper: DraftKeeper }) {
	const images = keeper.store((state) => state.text.keyImages)
	const analyses = useReading((state) => state.study?.analyses)
	const map = useReading((state) => state.map)
	const view = useReading((state) => state.filmViews[state.active] ?? null)
	const active = useActiveImage()
	const noteId = useId()
	const fault = active ? mapFault(map, active) : 'No image is open.'
	const isFull = images.length >= MOST_KEY_IMAGES

	function titleOf(label: string): string {
		for (const analysis of analyses ?? []) {
			const known = analysis.prediction.labels.find((answer) => answer.name === label)
			if (known) return known.title
		}
		return label
	}

	function add(withMap: boolean): void {
		if (active && !isFull) keeper.edit({ keyImages: [...keeper.store.getState().text.keyImages, keyImageOf(active, view, map, withMap)] })
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
									<span className={image.map ? 'tag network cut' : 'muted note cut'} title={mapTitle(image, titleOf)}>{mapTitle(image, titleOf)}</span>
									<button type="button" className="quiet small" aria-label={`Remove key image ${index + 1}`} onClick={() => remove(index)}>Remove</button>
								</div>
							</div>
						</li>
					))}
				</ol>
			)}
		</section>
	)
}
