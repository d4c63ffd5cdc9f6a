import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { equalise } from '../../../src/common/imaging/equalise.ts'
import { cropPlane, pixelBoxOf, regionOf } from '../../../src/common/imaging/region.ts'
import { lungCrop } from '../../../src/common/lungs/crop.ts'
import { syntheticPixels } from '../../support/inferenceFixtures.ts'

interface TonesGolden {
	cases: { size: [number, number]; divisor: number; crop: [number, number, number, number]; cropped: string; equalised: string; start: number[] }[]
}
const golden = JSON.parse(readFileSync(resolve(import.meta.dirname, '../../golden/tones.json'), 'utf8')) as TonesGolden
const sha256 = (values: Uint8Array) => createHash('sha256').update(values).digest('hex')

const sizes = fc.record({ width: fc.integer({ min: 1, max: 400 }), height: fc.integer({ min: 1, max: 400 }) })
const edges = fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.double({ min: 0, max: 1, noNaN: true })).filter(([a, b]) => a !== b).map(([a, b]) => [Math.min(a, b), Math.max(a, b)] as const)
const regions = fc.tuple(edges, edges).map(([[left, right], [top, bottom]]) => ({ left, top, right, bottom }))

describe('crop and equalisation', () => {
	it.each(golden.cases)('are Pillow\'s: $size, crop $crop', ({ size: [width, height], divisor, crop: [left, top, right, bottom], ...expected }) => {
		const plane = syntheticPixels(width, height).map((value) => Math.floor(value / divisor))
		const cropped = cropPlane(plane, width, height, { left: left / width, top: top / height, right: right / width, bottom: bottom / height })
		expect([cropped.width, cropped.height]).toEqual([right - left, bottom - top])
		expect(sha256(cropped.plane)).toBe(expected.cropped)
		const equal = equalise(cropped.plane)
		expect(Array.from(equal.subarray(0, 12))).toEqual(expected.start)
		expect(sha256(equal)).toBe(expected.equalised)
	})
	it('keep the order of the grey values', () => {
		fc.assert(fc.property(fc.uint8Array({ minLength: 1, maxLength: 3000 }), (plane) => {
			const equal = equalise(plane)
			const pairs = Array.from(plane, (value, index) => [value, equal[index]!] as const).toSorted((a, b) => a[0] - b[0])
			for (const [index, [value, result]] of pairs.entries()) {
				if (index === 0) continue
				const before = pairs[index - 1]!
				expect(result).toBeGreaterThanOrEqual(before[1])
				if (value === before[0]) expect(result).toBe(before[1])
			}
		}))
	})
})

describe('a region', () => {
	it('in whole pixels lies within the image, and the region of these pixels is the same pixels', () => {
		fc.assert(fc.property(regions, sizes, (region, { width, height }) => {
			const box = pixelBoxOf(region, width, height)
			expect(box.x).toBeGreaterThanOrEqual(0)
			expect(box.y).toBeGreaterThanOrEqual(0)
			expect(box.width).toBeGreaterThanOrEqual(1)
			expect(box.height).toBeGreaterThanOrEqual(1)
			expect(box.x + box.width).toBeLessThanOrEqual(width)
			expect(box.y + box.height).toBeLessThanOrEqual(height)
			expect(pixelBoxOf(regionOf(box, width, height), width, height)).toEqual(box)
		}))
	})
	it('of both lungs with a margin grows by it on each side and stays on the film', () => {
		const crop = lungCrop({ box: { left: 0.2, top: 0.1, right: 0.8, bottom: 0.9 } }, 0.1)
		for (const [key, value] of Object.entries({ left: 0.14, top: 0.02, right: 0.86, bottom: 0.98 })) expect(crop[key as keyof typeof crop]).toBeCloseTo(value, 12)
		fc.assert(fc.property(regions, fc.double({ min: 0, max: 1, noNaN: true }), (box, margin) => {
			const { left, top, right, bottom } = lungCrop({ box }, margin)
			expect(left).toBeGreaterThanOrEqual(0)
			expect(left).toBeLessThanOrEqual(box.left)
			expect(top).toBeLessThanOrEqual(box.top)
			expect(right).toBeGreaterThanOrEqual(box.right)
			expect(bottom).toBeLessThanOrEqual(1)
		}))
	})
})
