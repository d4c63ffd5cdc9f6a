import { useShallow } from 'zustand/shallow'
import type { CamMap } from '../../../common/cam/camMap.ts'
import { isSameImage, useReading, type MapView } from '../readingStore.ts'

type Reading = Pick<ReturnType<typeof useReading.getState>, 'lightBoxes' | 'map' | 'teacherMap' | 'comparison'>

/** What lies over the film of a light box. */
export type Overlay =
	| { kind: 'map'; role: 'student' | 'teacher'; map: MapView }
	| { kind: 'difference'; student: MapView; teacher: MapView }
	/** The teacher has no answer for the label whose maps are compared. */
	| { kind: 'no label' }

/** What lies over the film of a light box at present, of whose map and how far; null where the film is bare. */
export function overlayOn(box: number, { lightBoxes, map, teacherMap, comparison }: Reading): Overlay | null {
	const image = lightBoxes[box]
	if (!image || map.label === null || map.instanceId === null || !isSameImage(image, { instanceId: map.instanceId, frameIndex: map.frameIndex })) return null
	const ofStudent: Overlay = { kind: 'map', role: 'student', map }
	if (!comparison) return ofStudent
	if (teacherMap.label === null) return box === 0 ? ofStudent : { kind: 'no label' }
	if (comparison.view === 'difference') return box === 0 ? { kind: 'difference', student: map, teacher: teacherMap } : null
	return box === 0 ? ofStudent : { kind: 'map', role: 'teacher', map: teacherMap }
}

export function useOverlayOn(box: number): Overlay | null {
	return useReading(useShallow((state) => overlayOn(box, state)))
}

/** The values of the map of the chosen label, as far as it is; null where there are none. */
export function camMapOf({ state, label }: MapView): CamMap | null {
	const values = state && label !== null ? state.maps[label] : undefined
	return state && values && values.length === state.width * state.height ? { width: state.width, height: state.height, values, region: state.region } : null
}
