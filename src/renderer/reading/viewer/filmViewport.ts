import { Enums, getRenderingCapabilities, getShouldUseCPURendering, utilities, type Types } from '@cornerstonejs/core'
import type { Frame } from '../../../common/contract/frame.ts'
import { forgetCpuFilm, setCpuFilm } from './cpuFilm.ts'
import { giveTools, startCornerstone } from './cornerstone.ts'
import { greyCurve, type Display } from './display.ts'
import { affineThrough, filmToCanvas, orientationMatrix, resolved, type Affine, type CanvasSize, type Placement, type Point } from './film.ts'
import { toWorld, worldPerPixel } from './measurementText.ts'
import { filmSizeOf } from './viewerStore.ts'

/** One light box on Cornerstone: it shows a Frame as placement and display say, and keeps no state of its own. */
export interface FilmViewport {
	readonly element: HTMLDivElement
	/** @throws Error in words where the film cannot be shown. */
	show(imageId: string, frame: Frame): Promise<void>
	draw(frame: Frame, placement: Placement, display: Display, canvas: CanvasSize): void
	/** Film pixels to CSS pixels as Cornerstone itself maps them; null before a film is shown. */
	affine(frame: Frame): Affine | null
	resize(): void
	close(): void
}

/** Far enough from the film for any clipping range. */
const CAMERA_DISTANCE = 100

function viewportIdOf(box: number): string {
	return `light-box-${box}`
}

export function openFilmViewport(element: HTMLDivElement, box: number): FilmViewport {
	const engine = startCornerstone()
	const viewportId = viewportIdOf(box)
	engine.enableElement({ viewportId, element, type: Enums.ViewportType.STACK, defaultOptions: { background: [0, 0, 0] } })
	// The light box around it has the focus: Cornerstone would take every key from an element that has it.
	element.removeAttribute('tabindex')
	giveTools(viewportId)
	const viewport = engine.getViewport(viewportId) as Types.IStackViewport
	/** What Cornerstone really shows: while the next film is on its way there may be none. */
	let shown: Frame | null = null

	function affine(frame: Frame): Affine | null {
		if (frame !== shown || !viewport.getImageData()) return null
		const { columns, rows } = frame.header
		const at = (point: Point) => viewport.worldToCanvas(toWorld(frame, point)) as Point
		const origin = at([0, 0])
		// Taken over the whole film, so that rounding in Cornerstone stays far below a pixel.
		const [farX, farY] = at([columns, 0])
		const [downX, downY] = at([0, rows])
		return affineThrough(
			origin,
			[origin[0] + (farX - origin[0]) / columns, origin[1] + (farY - origin[1]) / columns],
			[origin[0] + (downX - origin[0]) / rows, origin[1] + (downY - origin[1]) / rows],
		)
	}

	return {
		element,
		async show(imageId, frame) {
			const { maxTextureSize } = getRenderingCapabilities()
			const longest = Math.max(frame.header.columns, frame.header.rows)
			if (!getShouldUseCPURendering() && maxTextureSize > 0 && longest > maxTextureSize) {
				throw new Error(`The film has ${longest} pixels on its longer side; the graphics of this machine show up to ${maxTextureSize}.`)
			}
			shown = null
			await viewport.setStack([imageId])
			if (viewport.getCornerstoneImage()?.imageId !== imageId) throw new Error('The film could not be put up.')
			shown = frame
		},
		draw(frame, placement, display, canvas) {
			if (frame !== shown) return
			if (getShouldUseCPURendering()) drawOnProcessor(viewport, frame, placement, display, canvas)
			else drawOnGraphics(viewport, frame, placement, display, canvas)
			viewport.render()
		},
		affine,
		resize: () => engine.resize(true, true),
		close() {
			forgetCpuFilm(viewport.canvas)
			engine.disableElement(viewportId)
		},
	}
}

function drawOnGraphics(viewport: Types.IStackViewport, frame: Frame, placement: Placement, display: Display, canvas: CanvasSize): void {
	const film = filmSizeOf(frame.header)
	const { scale, center, orientation } = resolved(placement, film, canvas)
	const [xx, yx, xy, yy] = orientationMatrix(orientation)
	// The directions in the world that point up and to the right on the screen; the view is from behind where the film is mirrored.
	const viewUp: Types.Point3 = [-yx, -yy, 0]
	const right: Types.Point3 = [xx, xy, 0]
	const viewPlaneNormal: Types.Point3 = [0, 0, right[0] * viewUp[1] - right[1] * viewUp[0]]
	const focalPoint = toWorld(frame, center)
	viewport.setCamera({
		viewUp,
		viewPlaneNormal,
		focalPoint,
		position: [focalPoint[0], focalPoint[1], viewPlaneNormal[2] * CAMERA_DISTANCE],
		parallelScale: (canvas.height / 2 / scale) * worldPerPixel(frame)[0],
	})
	viewport.getRenderer().resetCameraClippingRange()
	const property = (viewport.getDefaultActor().actor as Types.ImageActor).getProperty()
	const curve = greyCurve(frame.header, display)
	const first = curve[0]?.[0] ?? 0
	const last = curve.at(-1)?.[0] ?? 1
	const transfer = utilities.createLinearRGBTransferFunction({ lower: first, upper: last })
	utilities.transferFunctionUtils.setTransferFunctionNodes(transfer, curve.map(([stored, grey]) => [stored, grey, grey, grey, 0.5, 0]))
	property.setUseLookupTableScalarRange(true)
	property.setRGBTransferFunction(0, transfer)
}

/** The fields of Cornerstone's drawing on the processor that place a film; there is no other way to set all of them at once. */
interface CpuPlacement {
	viewport: { scale: number; rotation: number; hflip: boolean; vflip: boolean; translation: { x: number; y: number } }
}

function drawOnProcessor(viewport: Types.IStackViewport, frame: Frame, placement: Placement, display: Display, canvas: CanvasSize): void {
	const film = filmSizeOf(frame.header)
	const { scale, center, orientation } = resolved(placement, film, canvas)
	const pixelRatio = viewport.canvas.width / Math.max(1, canvas.width)
	const { a, b, c, d, e, f } = filmToCanvas(placement, film, canvas)
	setCpuFilm(viewport.canvas, frame, display, {
		a: a * pixelRatio, b: b * pixelRatio, c: c * pixelRatio, d: d * pixelRatio, e: e * pixelRatio, f: f * pixelRatio,
	})
	// Cornerstone flips first and turns then, and moves between the two; its measurements are placed by these numbers.
	const sideways = orientation.rotation % 180 !== 0
	const [xx, yx, xy, yy] = orientationMatrix(orientation)
	const offset: Point = [center[0] - film.columns / 2, center[1] - film.rows / 2]
	const cpu = Reflect.get(viewport, '_cpuFallbackEnabledElement') as CpuPlacement
	Object.assign(cpu.viewport, {
		rotation: orientation.rotation,
		hflip: sideways ? orientation.flipVertical : orientation.flipHorizontal,
		vflip: sideways ? orientation.flipHorizontal : orientation.flipVertical,
		translation: { x: -(xx * offset[0] + xy * offset[1]), y: -(yx * offset[0] + yy * offset[1]) },
	})
	viewport.setCamera({ scale: scale * pixelRatio * Math.min(1, film.aspect) })
}
