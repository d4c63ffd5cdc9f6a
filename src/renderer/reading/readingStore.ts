import { create } from 'zustand'
import type { CamState } from '../../common/contract/analysis.ts'
import type { Study } from '../../common/contract/study.ts'

/** One light box: which image it shows. */
export interface LightBox {
	instanceId: number
	frameIndex: number
}

export type PanelTab = 'analysis' | 'findings' | 'report' | 'measurements' | 'metadata'

/** How the map of one label lies over the film. */
export interface MapView {
	/** Null: no map is shown. */
	label: string | null
	/** The analysis whose map it is; the overlay is drawn on the light boxes that show its image. */
	analysisId: number | null
	instanceId: number | null
	frameIndex: number
	opacity: number
	threshold: number
	style: 'colour' | 'contour'
	state: CamState | null
	phase: 'idle' | 'queued' | 'running' | 'finished' | 'cancelled' | 'failed'
	reason: string
	jobId: string | null
}

/** How a light box shows its film at present; the viewer keeps it up to date, key images are made from it. */
export interface FilmView {
	center: number
	width: number
	/** Shown through the file's VOI LUT, its default: a key image then takes no window. Centre and width are of a window that resembles it. */
	lut?: boolean
	invert: boolean
	rotation: 0 | 90 | 180 | 270
	flipHorizontal: boolean
	flipVertical: boolean
}

interface ReadingState {
	study: Study | null
	/** One or two light boxes (side by side). */
	lightBoxes: LightBox[]
	active: number
	linked: boolean
	tab: PanelTab
	map: MapView
	/** By index of the light box. */
	filmViews: (FilmView | null)[]
	setStudy(study: Study | null): void
	show(box: number, image: LightBox): void
	setLightBoxes(boxes: LightBox[]): void
	activate(box: number): void
	setLinked(linked: boolean): void
	setTab(tab: PanelTab): void
	setMap(change: Partial<MapView>): void
	setFilmView(box: number, view: FilmView | null): void
}

export const NO_MAP: MapView = {
	label: null, analysisId: null, instanceId: null, frameIndex: 0, opacity: 0.5, threshold: 0.15, style: 'colour',
	state: null, phase: 'idle', reason: '', jobId: null,
}

export const useReading = create<ReadingState>((set) => ({
	study: null,
	lightBoxes: [],
	active: 0,
	linked: false,
	tab: 'analysis',
	map: NO_MAP,
	filmViews: [],
	setStudy: (study) => set({ study }),
	show: (box, image) => set((state) => ({ lightBoxes: state.lightBoxes.map((shown, index) => (index === box ? image : shown)) })),
	setLightBoxes: (lightBoxes) => set((state) => ({ lightBoxes, active: Math.min(state.active, Math.max(0, lightBoxes.length - 1)) })),
	activate: (active) => set({ active }),
	setLinked: (linked) => set({ linked }),
	setTab: (tab) => set({ tab }),
	setMap: (change) => set((state) => ({ map: { ...state.map, ...change } })),
	setFilmView: (box, view) =>
		set((state) => {
			const filmViews = [...state.filmViews]
			filmViews[box] = view
			return { filmViews }
		}),
}))
