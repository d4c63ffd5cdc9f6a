import { create } from 'zustand'
import type { CamState } from '../../common/contract/analysis.ts'
import type { Study } from '../../common/contract/study.ts'

/** One light box: which image it shows. */
export interface LightBox {
	instanceId: number
	frameIndex: number
}

export type PanelTab = 'analysis' | 'findings' | 'report' | 'measurements' | 'metadata'

/** The map of one label by one network, and how far it is. */
export interface MapView {
	/** Null: no map is shown. */
	label: string | null
	/** The analysis whose map it is; the overlay is drawn on the light boxes that show its image. */
	analysisId: number | null
	instanceId: number | null
	frameIndex: number
	state: CamState | null
	phase: 'idle' | 'queued' | 'running' | 'finished' | 'cancelled' | 'failed'
	reason: string
	jobId: string | null
}

/** How maps lie over the film; kept from map to map. */
export interface MapLook {
	opacity: number
	threshold: number
	style: 'colour' | 'contour'
}

/** The same film twice, the student's map over the left one and the teacher's over the right one. */
export interface Comparison {
	studentId: number
	teacherId: number
	/** difference: where the two disagree, over the left film; the right one is bare. */
	view: 'maps' | 'difference'
	/** How the light boxes were, for afterwards. */
	before: { lightBoxes: LightBox[]; active: number; linked: boolean }
}

/** How many of the hottest pixels the reader has covered. */
export interface Removal {
	/** Of the measurement whose curve is followed (see measurementKey). */
	key: string
	/** 0 to 100. */
	percent: number
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
	/** The student's map. */
	map: MapView
	/** The teacher's map, for as long as both are compared. */
	teacherMap: MapView
	mapLook: MapLook
	comparison: Comparison | null
	removal: Removal | null
	/** By index of the light box. */
	filmViews: (FilmView | null)[]
	setStudy(study: Study | null): void
	show(box: number, image: LightBox): void
	setLightBoxes(boxes: LightBox[]): void
	activate(box: number): void
	setLinked(linked: boolean): void
	setTab(tab: PanelTab): void
	setMapLook(change: Partial<MapLook>): void
	setFilmView(box: number, view: FilmView | null): void
	/** Puts the active film up twice, its light boxes linked. */
	compare(image: LightBox, studentId: number, teacherId: number): void
	setComparisonView(view: Comparison['view']): void
	/** Puts the light boxes back to how they were. */
	endComparison(): void
	setRemoval(removal: Removal | null): void
}

export const NO_MAP: MapView = { label: null, analysisId: null, instanceId: null, frameIndex: 0, state: null, phase: 'idle', reason: '', jobId: null }

export function isSameImage(one: LightBox, other: LightBox): boolean {
	return one.instanceId === other.instanceId && one.frameIndex === other.frameIndex
}

export const useReading = create<ReadingState>((set) => ({
	study: null,
	lightBoxes: [],
	active: 0,
	linked: false,
	tab: 'analysis',
	map: NO_MAP,
	teacherMap: NO_MAP,
	mapLook: { opacity: 0.5, threshold: 0.15, style: 'colour' },
	comparison: null,
	removal: null,
	filmViews: [],
	setStudy: (study) => set({ study }),
	show: (box, image) => set((state) => withLightBoxes(state, state.lightBoxes.map((shown, index) => (index === box ? image : shown)))),
	setLightBoxes: (lightBoxes) => set((state) => ({ ...withLightBoxes(state, lightBoxes), active: Math.min(state.active, Math.max(0, lightBoxes.length - 1)) })),
	activate: (active) => set({ active }),
	setLinked: (linked) => set({ linked }),
	setTab: (tab) => set({ tab }),
	setMapLook: (change) => set((state) => ({ mapLook: { ...state.mapLook, ...change } })),
	setFilmView: (box, view) =>
		set((state) => {
			const filmViews = [...state.filmViews]
			filmViews[box] = view
			return { filmViews }
		}),
	compare: (image, studentId, teacherId) => set(({ lightBoxes, active, linked }) => ({
		comparison: { studentId, teacherId, view: 'maps', before: { lightBoxes, active, linked } },
		lightBoxes: [image, image],
		active: 0,
		linked: true,
		removal: null,
	})),
	setComparisonView: (view) => set(({ comparison }) => ({ comparison: comparison && { ...comparison, view }, removal: null })),
	endComparison: () => set(({ comparison }) => (comparison ? { comparison: null, ...comparison.before } : {})),
	setRemoval: (removal) => set({ removal }),
}))

/** Other films on the light boxes end a comparison: it is of one film on both. */
function withLightBoxes({ comparison }: ReadingState, lightBoxes: LightBox[]): Partial<ReadingState> {
	const [left, right] = lightBoxes
	if (!comparison || (left && right && isSameImage(left, right))) return { lightBoxes }
	return { lightBoxes, comparison: null, linked: comparison.before.linked }
}
