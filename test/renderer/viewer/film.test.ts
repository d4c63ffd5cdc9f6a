import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { orient, type RgbaImage } from '../../../src/common/imaging/orientation.ts'
import {
	affineThrough, apply, atFullSize, filmCenter, filmToCanvas, fitScale, flipped, followed, inverted, panned, turned, UPRIGHT, WHOLE_FILM, zoomed,
	type FilmSize, type Orientation, type Placement, type Point,
} from '../../../src/renderer/reading/viewer/film.ts'

const film: FilmSize = { rows: 2500, columns: 2000, aspect: 1 }
const canvas = { width: 978, height: 640 }

const orientations = fc.record({
	rotation: fc.constantFrom<Orientation['rotation']>(0, 90, 180, 270), flipHorizontal: fc.boolean(), flipVertical: fc.boolean(),
})
const films = fc.record({ rows: fc.integer({ min: 1, max: 5000 }), columns: fc.integer({ min: 1, max: 5000 }), aspect: fc.double({ min: 0.3, max: 3, noNaN: true }) })
const canvases = fc.record({ width: fc.integer({ min: 50, max: 3000 }), height: fc.integer({ min: 50, max: 3000 }) })

function corners({ columns, rows }: FilmSize): Point[] {
	return [[-0.5, -0.5], [columns - 0.5, -0.5], [-0.5, rows - 0.5], [columns - 0.5, rows - 0.5]]
}

function expectPoint(found: Point, wanted: Point, digits = 6): void {
	expect(found[0]).toBeCloseTo(wanted[0], digits)
	expect(found[1]).toBeCloseTo(wanted[1], digits)
}

describe('filmToCanvas', () => {
	it('puts the whole film just into the light box, in every orientation', () => {
		fc.assert(fc.property(films, canvases, orientations, (size, box, orientation) => {
			const affine = filmToCanvas({ ...WHOLE_FILM, orientation }, size, box)
			const points = corners(size).map((corner) => apply(affine, corner))
			const xs = points.map(([x]) => x)
			const ys = points.map(([, y]) => y)
			const slack = 1e-6 * Math.max(box.width, box.height)
			expect(Math.min(...xs)).toBeGreaterThanOrEqual(-slack)
			expect(Math.min(...ys)).toBeGreaterThanOrEqual(-slack)
			expect(Math.max(...xs)).toBeLessThanOrEqual(box.width + slack)
			expect(Math.max(...ys)).toBeLessThanOrEqual(box.height + slack)
			const width = Math.max(...xs) - Math.min(...xs)
			const height = Math.max(...ys) - Math.min(...ys)
			expect(Math.min(box.width - width, box.height - height)).toBeLessThan(slack)
		}))
	})

	it('turns and flips as the report and the command line do (common/imaging/orientation.ts)', () => {
		const columns = 3
		const rows = 2
		const image: RgbaImage = { width: columns, height: rows, rgba: new Uint8ClampedArray(Array.from({ length: columns * rows * 4 }, (_, index) => Math.floor(index / 4))) }
		for (const rotation of [0, 90, 180, 270] as const) {
			for (const flipHorizontal of [false, true]) {
				for (const flipVertical of [false, true]) {
					const orientation = { rotation, flipHorizontal, flipVertical }
					const shown = orient(image, orientation)
					const affine = filmToCanvas({ fit: false, scale: 1, center: [1, 0.5], orientation }, { rows, columns, aspect: 1 }, shown)
					for (let row = 0; row < rows; row++) {
						for (let column = 0; column < columns; column++) {
							const [x, y] = apply(affine, [column, row])
							// Canvas points lie on the corners of its pixels, film points on the middles.
							expect(shown.rgba[(Math.round(y - 0.5) * shown.width + Math.round(x - 0.5)) * 4]).toBe(row * columns + column)
						}
					}
				}
			}
		}
	})

	it('puts a cell of a map on the right place of a turned, flipped and zoomed film', () => {
		// The cell in row 3, column 5 of a map of 14 x 14 lies at (5.5 / 14, 3.5 / 14) of the film.
		const cell: Point = [(5.5 / 14) * 2000 - 0.5, (3.5 / 14) * 2500 - 0.5]
		const placement: Placement = { fit: false, scale: 0.5, center: [900, 800], orientation: { rotation: 90, flipHorizontal: true, flipVertical: false } }
		// Turned clockwise what was d rows below the centre lies d to the left of it; the flip puts it to the right.
		expectPoint(apply(filmToCanvas(placement, film, canvas), cell), [489 + (cell[1] - 800) * 0.5, 320 + (cell[0] - 900) * 0.5])
	})

	it('is undone by inverted, and found again from three points', () => {
		fc.assert(fc.property(films, canvases, orientations, fc.double({ min: 0.05, max: 20, noNaN: true }), (size, box, orientation, scale) => {
			const affine = filmToCanvas({ fit: false, scale, center: [size.columns / 3, size.rows / 4], orientation }, size, box)
			expectPoint(apply(inverted(affine), apply(affine, [12, 34])), [12, 34])
			const again = affineThrough(apply(affine, [0, 0]), apply(affine, [1, 0]), apply(affine, [0, 1]))
			expectPoint(apply(again, [7, 9]), apply(affine, [7, 9]))
		}))
	})
})

describe('turning and flipping', () => {
	it('is what the person sees: a quarter turn of the picture, whatever it was before', () => {
		fc.assert(fc.property(orientations, (orientation) => {
			const before = filmToCanvas({ ...WHOLE_FILM, fit: false, orientation }, { ...film, aspect: 1 }, { width: 0, height: 0 })
			const after = filmToCanvas({ ...WHOLE_FILM, fit: false, orientation: turned(orientation, 1) }, { ...film, aspect: 1 }, { width: 0, height: 0 })
			// Clockwise with y downwards: (x, y) goes to (-y, x).
			const [x, y] = apply(before, [3, 5])
			expectPoint(apply(after, [3, 5]), [-y, x])
			const mirrored = filmToCanvas({ ...WHOLE_FILM, fit: false, orientation: flipped(orientation, 'horizontal') }, film, { width: 0, height: 0 })
			expectPoint(apply(mirrored, [3, 5]), [-x, y])
		}))
	})

	it('comes back after four turns, one each way, or two flips', () => {
		expect([1, 1, 1, 1].reduce((orientation) => turned(orientation, 1), UPRIGHT)).toEqual(UPRIGHT)
		const askew: Orientation = { rotation: 270, flipHorizontal: true, flipVertical: false }
		expect(turned(turned(askew, 1), -1)).toEqual(askew)
		expect(flipped(flipped(askew, 'vertical'), 'vertical')).toEqual(askew)
	})
})

describe('zoom and pan', () => {
	it('keeps the point below the pointer where it is', () => {
		fc.assert(fc.property(orientations, fc.double({ min: 0.3, max: 4, noNaN: true }), fc.nat(978), fc.nat(640), (orientation, factor, x, y) => {
			const before: Placement = { fit: true, scale: 1, center: [0, 0], orientation }
			const point = apply(inverted(filmToCanvas(before, film, canvas)), [x, y])
			const after = zoomed(before, film, canvas, factor, [x, y])
			expectPoint(apply(filmToCanvas(after, film, canvas), point), [x, y])
		}))
	})

	it('moves the film by exactly the drag, in every orientation', () => {
		fc.assert(fc.property(orientations, fc.integer({ min: -300, max: 300 }), fc.integer({ min: -300, max: 300 }), (orientation, x, y) => {
			const before: Placement = { fit: false, scale: 0.7, center: [500, 600], orientation }
			const [fromX, fromY] = apply(filmToCanvas(before, film, canvas), [100, 200])
			expectPoint(apply(filmToCanvas(panned(before, film, canvas, [x, y]), film, canvas), [100, 200]), [fromX + x, fromY + y])
		}))
	})

	it('shows one film pixel on one screen pixel', () => {
		const { a, d } = filmToCanvas(atFullSize(WHOLE_FILM, film, canvas, 2), film, canvas)
		expect([a * 2, d * 2]).toEqual([1, 1])
	})

	it('stops before a film is lost from sight or a pixel fills the screen', () => {
		expect(zoomed(WHOLE_FILM, film, canvas, 1e-9, [0, 0]).scale).toBe(0.01)
		expect(zoomed(WHOLE_FILM, film, canvas, 1e9, [0, 0]).scale).toBe(64)
	})
})

describe('linked light boxes', () => {
	it('gives the same film the same view', () => {
		const placement: Placement = { fit: false, scale: 0.7, center: [500, 600], orientation: UPRIGHT }
		const follower = followed({ placement, film, canvas }, { placement: WHOLE_FILM, film, canvas })
		expect(follower.scale).toBeCloseTo(0.7)
		expectPoint(follower.center, [500, 600])
	})

	it('shows the same part of a film of another resolution, and keeps its orientation', () => {
		const small: FilmSize = { rows: 1250, columns: 1000, aspect: 1 }
		const placement: Placement = { fit: false, scale: 0.8, center: [1400, 700], orientation: UPRIGHT }
		const follower = followed({ placement, film, canvas }, { placement: { ...WHOLE_FILM, orientation: UPRIGHT }, film: small, canvas })
		expect(follower.scale).toBeCloseTo(1.6)
		const [column, row] = filmCenter(small)
		expectPoint(follower.center, [column + (1400 - 999.5) / 2, row + (700 - 1249.5) / 2])
		const turnedFollower = followed({ placement, film, canvas }, { placement: { ...WHOLE_FILM, orientation: turned(UPRIGHT, 1) }, film: small, canvas })
		expect(turnedFollower.orientation.rotation).toBe(90)
		expect(turnedFollower.scale / fitScale(small, canvas, turnedFollower.orientation)).toBeCloseTo(0.8 / fitScale(film, canvas, UPRIGHT))
	})

	it('goes back to the whole film together', () => {
		expect(followed({ placement: WHOLE_FILM, film, canvas }, { placement: { ...WHOLE_FILM, fit: false, scale: 3 }, film, canvas }).fit).toBe(true)
	})
})
