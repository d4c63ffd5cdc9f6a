import { create } from 'zustand'
import type { FrameHeader } from '../../../common/contract/frame.ts'
import { useReading, type LightBox } from '../readingStore.ts'
import { defaultDisplay, followedDisplay, type Display } from './display.ts'
import { followed, WHOLE_FILM, type CanvasSize, type FilmSize, type Placement } from './film.ts'

export type ViewerTool = 'window' | 'zoom' | 'pan' | 'length' | 'angle' | 'ellipse' | 'rectangle'

/** What one light box shows and how. */
export interface BoxState {
	image: LightBox | null
	status: 'loading' | 'ready' | 'failed'
	/** In words, where it failed. */
	reason: string
	/** Of the image, once it is here. */
	header: FrameHeader | null
	placement: Placement
	display: Display
	canvas: CanvasSize
	/** The film as placement and display want it has been on the screen. */
	painted: boolean
}

const NOTHING: BoxState = {
	image: null, status: 'loading', reason: '', header: null, placement: WHOLE_FILM,
	display: { center: 128, width: 256, lut: false, invert: false }, canvas: { width: 1, height: 1 }, painted: false,
}

interface ViewerState {
	boxes: BoxState[]
	tool: ViewerTool
	/** While Space is held the film is moved whatever the tool. */
	heldPan: boolean
	/** Text in the corners. */
	info: boolean
	change(box: number, change: Partial<BoxState>): void
	/** Moves or turns a film; linked light boxes follow. */
	place(box: number, placement: Placement): void
	/** Windows a film; linked light boxes follow. */
	window(box: number, display: Display): void
	setTool(tool: ViewerTool): void
	setHeldPan(held: boolean): void
	toggleInfo(): void
}

/** A film pixel is as high as its spacing says; without a spacing it is square. */
export function filmSizeOf(header: FrameHeader): FilmSize {
	return { rows: header.rows, columns: header.columns, aspect: header.spacing ? header.spacing.row / header.spacing.column : 1 }
}

export const useViewer = create<ViewerState>((set) => ({
	boxes: [],
	tool: 'window',
	heldPan: false,
	info: true,
	change: (box, change) => set((state) => ({ boxes: changed(state.boxes, box, change) })),
	place: (box, placement) => set((state) => ({
		boxes: withFollower(changed(state.boxes, box, { placement, painted: false }), box, (leader, follower) => ({
			placement: followed(
				{ placement, film: filmSizeOf(leader.header), canvas: leader.canvas },
				{ placement: followsTurns() ? { ...follower.placement, orientation: placement.orientation } : follower.placement, film: filmSizeOf(follower.header), canvas: follower.canvas },
			),
		})),
	})),
	window: (box, display) => set((state) => ({
		boxes: withFollower(changed(state.boxes, box, { display, painted: false }), box, (leader, follower) => ({
			display: followsTurns() ? display : followedDisplay({ display, header: leader.header }, { display: follower.display, header: follower.header }),
		})),
	})),
	setTool: (tool) => set({ tool }),
	setHeldPan: (heldPan) => set({ heldPan }),
	toggleInfo: () => set((state) => ({ info: !state.info })),
}))

function changed(boxes: BoxState[], box: number, change: Partial<BoxState>): BoxState[] {
	const next = [...boxes]
	for (let index = next.length; index < box; index++) next[index] = NOTHING
	next[box] = { ...(next[box] ?? NOTHING), ...change }
	return next
}

/** While two maps of one film are compared, both films are turned, mirrored and inverted together. */
function followsTurns(): boolean {
	return useReading.getState().comparison !== null
}

type WithHeader = BoxState & { header: FrameHeader }

function withFollower(boxes: BoxState[], leading: number, follow: (leader: WithHeader, follower: WithHeader) => Partial<BoxState>): BoxState[] {
	const { linked, lightBoxes } = useReading.getState()
	const leader = boxes[leading]
	if (!linked || !leader?.header) return boxes
	return boxes.map((follower, index) => {
		if (index === leading || index >= lightBoxes.length || !follower.header) return follower
		return { ...follower, ...follow(leader as WithHeader, follower as WithHeader), painted: false }
	})
}

/** The light box that keys and the toolbar act on; null while it shows no film. */
export function activeBox(): { box: number; state: BoxState; header: FrameHeader } | null {
	const box = useReading.getState().active
	const state = useViewer.getState().boxes[box]
	return state?.header && state.status === 'ready' ? { box, state, header: state.header } : null
}

/** Placement and display as when the film was put up. */
export function freshView(header: FrameHeader): Pick<BoxState, 'placement' | 'display'> {
	return { placement: WHOLE_FILM, display: defaultDisplay(header) }
}
