import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { lungFindingsSchema } from '../../../src/common/contract/lungFindings.ts'
import { findLungs, LUNG_MASK } from '../../../src/common/lungs/findLungs.ts'
import { LUNG_LIMITS } from '../../../src/common/lungs/limits.ts'

const SIDE = 96

interface Ellipse {
	x: number
	y: number
	across: number
	down: number
}

/** A mask of filled ellipses, in shares of the film. */
function draw(ellipses: readonly Ellipse[], side = SIDE): Uint8Array {
	const mask = new Uint8Array(side * side)
	for (let row = 0; row < side; row++) {
		for (let column = 0; column < side; column++) {
			const inside = ellipses.some(({ x, y, across, down }) => (((column + 0.5) / side - x) / across) ** 2 + (((row + 0.5) / side - y) / down) ** 2 < 1)
			if (inside) mask[row * side + column] = 1
		}
	}
	return mask
}

const LEFT: Ellipse = { x: 0.3, y: 0.5, across: 0.14, down: 0.3 }
const RIGHT: Ellipse = { x: 0.7, y: 0.52, across: 0.15, down: 0.28 }
const CHEST = [LEFT, RIGHT]

/** Two lungs that are plausible, anywhere on the film. */
const chests = fc.record({
	scale: fc.double({ min: 0.6, max: 1, noNaN: true }), dx: fc.double({ min: -0.1, max: 0.1, noNaN: true }), dy: fc.double({ min: -0.1, max: 0.1, noNaN: true }),
	thin: fc.double({ min: 0.8, max: 1, noNaN: true }), short: fc.double({ min: 0.75, max: 1, noNaN: true }),
}).map(({ scale, dx, dy, thin, short }) => [
	{ x: 0.5 + dx - 0.2 * scale, y: 0.5 + dy, across: 0.15 * scale * thin, down: 0.32 * scale },
	{ x: 0.5 + dx + 0.2 * scale, y: 0.5 + dy, across: 0.15 * scale, down: 0.32 * scale * short },
])

/** The mask read at other places: `from` gives for a pixel of the new mask the place in the old one. */
function moved(mask: Uint8Array, from: (row: number, column: number) => [row: number, column: number] | null): Uint8Array {
	return mask.map((_, place) => {
		const source = from(Math.floor(place / SIDE), place % SIDE)
		return source && source[0] >= 0 && source[0] < SIDE && source[1] >= 0 && source[1] < SIDE ? mask[source[0] * SIDE + source[1]]! : 0
	})
}

const reasonsOf = (mask: Uint8Array) => findLungs(mask, SIDE).findings.reasons

describe('lungs of a mask', () => {
	it('are its two largest parts, islands dropped and holes filled', () => {
		const clean = findLungs(draw(CHEST), SIDE)
		const mask = draw([...CHEST, { x: 0.5, y: 0.95, across: 0.03, down: 0.03 }, { x: 0.05, y: 0.05, across: 0.02, down: 0.02 }])
		for (let row = 45; row < 50; row++) mask.fill(0, row * SIDE + 28, row * SIDE + 31)
		const found = findLungs(mask, SIDE)
		expect(found).toEqual(clean)
		expect(found.findings.reasons).toEqual([])
		expect(lungFindingsSchema.parse(found.findings)).toEqual(found.findings)
		const { left, right, box } = found.findings
		expect(left!.box.left).toBeCloseTo(0.16, 1)
		expect(right!.box.right).toBeCloseTo(0.85, 1)
		expect(left!.area).toBeCloseTo(Math.PI * 0.14 * 0.3, 2)
		expect(box).toEqual({ left: left!.box.left, top: left!.box.top, right: right!.box.right, bottom: right!.box.bottom })
		expect(found.mask[Math.floor(SIDE / 2) * SIDE + Math.floor(0.3 * SIDE)]).toBe(LUNG_MASK.left)
		expect(found.mask[Math.floor(SIDE / 2) * SIDE + Math.floor(0.7 * SIDE)]).toBe(LUNG_MASK.right)
	})
	it('stay the same in the mirror, with left and right exchanged', () => {
		fc.assert(fc.property(chests, (chest) => {
			const mask = draw(chest)
			const { left, right, box, reasons } = findLungs(mask, SIDE).findings
			const mirrored = findLungs(moved(mask, (row, column) => [row, SIDE - 1 - column]), SIDE).findings
			expect(reasons).toEqual([])
			expect(mirrored.reasons).toEqual([])
			expect(mirrored.left?.area).toBe(right?.area)
			expect(mirrored.right?.area).toBe(left?.area)
			expect(mirrored.box?.left).toBeCloseTo(1 - box!.right, 12)
			expect(mirrored.box?.right).toBeCloseTo(1 - box!.left, 12)
			expect(mirrored.box?.top).toBe(box?.top)
		}), { numRuns: 60 })
	})
	it('move with the film', () => {
		fc.assert(fc.property(chests, fc.integer({ min: -3, max: 3 }), fc.integer({ min: -3, max: 3 }), (chest, across, down) => {
			const mask = draw(chest.map((lung) => ({ ...lung, across: lung.across * 0.92, down: lung.down * 0.92 })))
			const still = findLungs(mask, SIDE).findings
			const shifted = findLungs(moved(mask, (row, column) => [row - down, column - across]), SIDE).findings
			expect(shifted.reasons).toEqual(still.reasons)
			expect([shifted.left?.area, shifted.right?.area]).toEqual([still.left?.area, still.right?.area])
			expect(shifted.left?.box.left).toBeCloseTo(still.left!.box.left + across / SIDE, 12)
			expect(shifted.box?.bottom).toBeCloseTo(still.box!.bottom + down / SIDE, 12)
		}), { numRuns: 60 })
	})
	it('have the same shares at every size of the mask', () => {
		fc.assert(fc.property(chests, fc.integer({ min: 2, max: 3 }), (chest, times) => {
			const mask = draw(chest)
			const side = SIDE * times
			const larger = Uint8Array.from({ length: side * side }, (_, place) => mask[Math.floor(place / side / times) * SIDE + Math.floor((place % side) / times)]!)
			expect(findLungs(larger, side).findings).toEqual(findLungs(mask, SIDE).findings)
		}), { numRuns: 20 })
	})
	it('are not what is larger beside the patient', () => {
		const clean = findLungs(draw(CHEST), SIDE)
		// The air beside an arm, larger than either lung, on the film's border all along.
		const mask = draw(CHEST)
		for (let row = 0; row < SIDE; row++) mask.fill(1, row * SIDE + SIDE - 13, (row + 1) * SIDE)
		expect(findLungs(mask, SIDE)).toEqual(clean)
	})
	it('are separated where a bridge joins them', () => {
		const mask = draw(CHEST)
		for (let row = 40; row < 44; row++) mask.fill(1, row * SIDE + 35, row * SIDE + 60)
		const { findings } = findLungs(mask, SIDE)
		expect(findings.reasons).toEqual([])
		expect(findings.left!.box.right).toBeLessThan(findings.right!.box.left + 0.03)
		// Broad enough to be one thing: it is not cut in two.
		for (let row = 30; row < 70; row++) mask.fill(1, row * SIDE + 35, row * SIDE + 60)
		expect(findLungs(mask, SIDE).findings.reasons).toEqual([expect.stringMatching(/^Only one lung/)])
	})
})

describe('what hangs on a lung by a narrow neck', () => {
	it('is cut off, on the side away from the middle', () => {
		const clean = findLungs(draw(CHEST), SIDE).findings
		const mask = draw([...CHEST, { x: 0.94, y: 0.3, across: 0.06, down: 0.2 }])
		for (let row = 28; row < 33; row++) mask.fill(1, row * SIDE + 70, row * SIDE + 90)
		const { findings } = findLungs(mask, SIDE)
		expect(findings.reasons).toEqual([])
		expect(findings.left).toEqual(clean.left)
		expect(Math.abs(findings.right!.box.right - clean.right!.box.right)).toBeLessThan(0.06)
		expect(Math.abs(findings.right!.area - clean.right!.area)).toBeLessThan(0.01)
	})
	it('is not a lung\'s own tip or bay', () => {
		// A lung with a thin tip downwards, as between chest wall and diaphragm, and with a heart's bay.
		const mask = draw([LEFT, { ...LEFT, x: 0.2, y: 0.74, across: 0.025, down: 0.1 }, RIGHT])
		const heart = draw([{ x: 0.56, y: 0.62, across: 0.08, down: 0.12 }])
		const bayed = mask.map((value, place) => (heart[place] === 1 ? 0 : value))
		const { left, right } = findLungs(bayed, SIDE).findings
		const area = bayed.reduce((sum, value) => sum + value, 0) / bayed.length
		expect(left!.area + right!.area).toBeCloseTo(area, 12)
	})
})

describe('a film is refused, and why,', () => {
	it('without lungs, and with something far too small', () => {
		expect(reasonsOf(new Uint8Array(SIDE * SIDE))).toEqual(['No lungs were found: this is not a frontal chest film.'])
		expect(reasonsOf(draw(CHEST.map((lung) => ({ ...lung, across: 0.04, down: 0.06 }))))).toEqual([expect.stringMatching(/^What was found is much too small for lungs/)])
	})
	it('with one lung, and with a film that is all lung', () => {
		expect(reasonsOf(draw([LEFT]))).toEqual([expect.stringMatching(/^Only one lung/)])
		expect(reasonsOf(new Uint8Array(SIDE * SIDE).fill(1))).toEqual([expect.stringMatching(/^Only one lung/)])
		const lone = findLungs(draw([RIGHT]), SIDE)
		expect(lone.findings).toMatchObject({ left: null, box: null })
		expect(lone.findings.right?.area).toBeGreaterThan(LUNG_LIMITS.leastArea)
	})
	it('where a lung is cut off, by each border', () => {
		for (const [border, move] of Object.entries({ upper: { dx: 0, dy: -0.35 }, lower: { dx: 0, dy: 0.4 }, left: { dx: -0.27, dy: 0 }, right: { dx: 0.26, dy: 0 } })) {
			const reasons = reasonsOf(draw(CHEST.map((lung) => ({ ...lung, x: lung.x + move.dx, y: lung.y + move.dy }))))
			expect(reasons[0], border).toMatch(new RegExp(`^A lung is cut off at the film's ${border} border: \\d+ % of its`))
		}
	})
	it('where the lungs do not lie as on a frontal film', () => {
		// Turned by a quarter, they lie above each other.
		expect(reasonsOf(moved(draw(CHEST), (row, column) => [column, row]))).toEqual([expect.stringMatching(/do not lie beside each other/)])
		expect(reasonsOf(draw([{ ...LEFT, down: 0.15 }, { ...RIGHT, down: 0.35 }]))).toEqual([expect.stringMatching(/one is only \d+ % as high as the other/)])
		expect(reasonsOf(draw([{ ...LEFT, down: 0.12 }, RIGHT]))).toEqual([expect.stringMatching(/one is wider than high/)])
		expect(reasonsOf(draw([{ ...LEFT, across: 0.05, down: 0.25 }, { ...RIGHT, across: 0.2, down: 0.3 }]))).toEqual([expect.stringMatching(/as large as the other/)])
	})
	it('never by throwing, whatever the mask', () => {
		fc.assert(fc.property(fc.integer({ min: 1, max: 24 }).chain((side) => fc.tuple(fc.constant(side), fc.uint8Array({ minLength: side * side, maxLength: side * side, max: 1 }))), ([side, mask]) => {
			const { findings } = findLungs(mask, side)
			expect(lungFindingsSchema.safeParse(findings).success).toBe(true)
			if (findings.reasons.length === 0) expect(findings.box).not.toBeNull()
		}))
		expect(() => findLungs(new Uint8Array(3), 2)).toThrow('A mask of 2 x 2 has 3 values.')
	})
})
