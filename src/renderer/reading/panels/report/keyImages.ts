import type { KeyImage } from '../../../../common/contract/report.ts'
import type { Overlay } from '../../map/overlay.ts'
import { isFinished } from '../../map/mapWords.ts'
import type { FilmView, LightBox, MapLook } from '../../readingStore.ts'

export const MOST_KEY_IMAGES = 20

/** Why what lies over the active film cannot go into the report with it; '' where it can. */
export function mapFault(overlay: Overlay | null): string {
	if (overlay?.kind === 'difference') return 'The difference of two maps cannot go into the report. Show both maps, and choose the film with the one that is wanted.'
	if (overlay?.kind !== 'map') return 'No map is shown on this image.'
	// The library keeps finished maps only, so nothing else could be drawn again.
	return isFinished(overlay.map) ? '' : 'The map is not finished.'
}

/** The view of the active light box as a key image, of the film itself; with what lies over it only where mapFault says nothing. */
export function keyImageOf(image: LightBox, view: FilmView | null, overlay: Overlay | null, look: MapLook, withMap: boolean): KeyImage {
	const map = withMap && mapFault(overlay) === '' && overlay?.kind === 'map' ? overlay.map : null
	return {
		instanceId: image.instanceId,
		frameIndex: image.frameIndex,
		caption: '',
		// The default of the file where it is shown through the file's own VOI LUT.
		window: view && !view.lut && view.width > 0 ? { center: view.center, width: view.width } : null,
		invert: view?.invert ?? false,
		rotation: view?.rotation ?? 0,
		flipHorizontal: view?.flipHorizontal ?? false,
		flipVertical: view?.flipVertical ?? false,
		map: map && map.label !== null && map.analysisId !== null && map.state
			? { analysisId: map.analysisId, label: map.label, layer: map.state.layer, opacity: look.opacity, threshold: look.threshold }
			: null,
	}
}

/** Turns a thumbnail as the key image is turned: quarter turns clockwise first, then the flips. CSS applies from right to left. */
export function thumbnailTransform(image: Pick<KeyImage, 'rotation' | 'flipHorizontal' | 'flipVertical'>): string {
	return `scale(${image.flipHorizontal ? -1 : 1}, ${image.flipVertical ? -1 : 1}) rotate(${image.rotation}deg)`
}
