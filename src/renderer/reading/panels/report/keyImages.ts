import type { KeyImage } from '../../../../common/contract/report.ts'
import type { FilmView, LightBox, MapView } from '../../readingStore.ts'

export const MOST_KEY_IMAGES = 20

/** Why the map cannot go into the report with this image; '' where it can. */
export function mapFault(map: MapView, image: LightBox): string {
	const isHere = map.label !== null && map.instanceId === image.instanceId && map.frameIndex === image.frameIndex
	if (!isHere) return 'No map is shown on this image.'
	// The library keeps finished maps only, so nothing else could be drawn again.
	return map.phase === 'finished' && map.state ? '' : 'The map is not finished.'
}

/** The view of the active light box as a key image; withMap only where mapFault says nothing. */
export function keyImageOf(image: LightBox, view: FilmView | null, map: MapView, withMap: boolean): KeyImage {
	const shown = withMap && mapFault(map, image) === ''
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
		map: shown && map.label !== null && map.analysisId !== null && map.state
			? { analysisId: map.analysisId, label: map.label, layer: map.state.layer, opacity: map.opacity, threshold: map.threshold }
			: null,
	}
}

/** Turns a thumbnail as the key image is turned: quarter turns clockwise first, then the flips. CSS applies from right to left. */
export function thumbnailTransform(image: Pick<KeyImage, 'rotation' | 'flipHorizontal' | 'flipVertical'>): string {
	return `scale(${image.flipHorizontal ? -1 : 1}, ${image.flipVertical ? -1 : 1}) rotate(${image.rotation}deg)`
}
